"""Setting the database up: structure, then contents. Doing it again changes nothing."""

from __future__ import annotations

from collections.abc import Callable

from config import Config
from webapp import seed
from webapp.commands.reindex import index_all
from webapp.commands.within import application
from webapp.schema import migrate
from webapp.transaction import reading, writing
from workflows.cases.search.indexing import roots_after
from workflows.clock import SystemClock


def set_up(config: Config, *, say: Callable[[str], object]) -> None:
    """Bring the database in `config` up to date and load what is missing, saying each step.

    All contents are loaded in one transaction: a start that is broken off leaves nothing half-loaded.
    """
    config.attachments_dir.mkdir(parents=True, exist_ok=True)
    changed = migrate(config.database_url)
    say("▸ 数据库 · Database: " + ("已升级 migrated" if changed else "已是最新 up to date"))
    clock = SystemClock()
    counts: list[str] = []
    with application(config):
        with writing() as session:
            for step in seed.STEPS:
                count = step.load(session, clock)
                if count:
                    counts.append(f"{step.name_zh} {step.name_en} +{count}")
            demo = seed.seed_demo(session, config, clock=clock)
            if demo:
                counts.append(f"演示账号 Demo accounts +{demo}")
        say("▸ 基础数据 · Contents: " + ("; ".join(counts) or "已齐备 complete"))
        if roots_after(reading(), 0, 1, missing=True):  # after an upgrade, or where that was broken off
            say(f"▸ 检索索引 · Search index: +{index_all(missing=True, say=say)}")
