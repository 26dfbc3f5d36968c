"""Demo of an installation with several cities: Yantai and Yingkou beside Liaocheng, each with its areas, its pack and a few firms."""

from app.areas import actions as areas
from app.demo import accounts, load
from app.infra.db import db
from app.infra.settings import pack_dir
from app.kernel.actor import Actor
from app.packs import read_pack
from app.policies import actions as policies

CITIES = (("370600", "yantai"), ("210800", "yingkou"))


def load_cities(count: int, seed: int, *, by: Actor) -> int:
    """Areas, pack and ``count`` firms of each further city, then the accounts that work there; returns how many firms were added. Commits."""
    added = 0
    for code, pack in CITIES:
        areas.load_city(code, by=by)
        policies.load_files(read_pack(pack, pack_dir()), by=by)
        db.session.commit()
        added += load.load(count, seed, city_code=code, by=by)
    accounts.load(by=by)
    db.session.commit()
    return added
