// Drop-down menus and the phone's side sheet come from the kit: it listens to data-bs-toggle by itself once imported.
import 'bootstrap/js/dist/dropdown';
import 'bootstrap/js/dist/offcanvas';
import 'bootstrap/js/dist/collapse';
