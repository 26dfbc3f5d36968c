"""The real worker process, knowing the tests' kinds of jobs as well: ``python -m tests.infra.worker_process``."""

import os

from app import create_app, worker
from tests.infra import job_handlers

if __name__ == "__main__":
    worker.GRACE_SECONDS = float(os.environ.get("TEST_GRACE", "5"))
    job_handlers.register()
    app = create_app()
    with app.app_context():
        worker.Worker(app, slots=int(os.environ.get("TEST_SLOTS", "2"))).run()
