"""What the archive keeps of a checklist: each line with its verdicts, its papers by the hash of their bytes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.cases.materials.folder import whole_folder
from workflows.cases.materials.lines import lines_of
from workflows.cases.materials.models import MaterialReview
from workflows.cases.models import Case


def frozen_checklist(session: Session, root_id: int) -> list[dict[str, Any]]:
    """Return the checklist of an ended case as JSON values, for the archive."""
    lines = lines_of(session, whole_folder(session, session.get_one(Case, root_id)))
    reviews = session.scalars(
        select(MaterialReview).where(MaterialReview.root_id == root_id).order_by(MaterialReview.id)
    ).all()
    return [
        {
            "item": line.item,
            "title": line.title.zh,
            "required": line.required,
            "state": line.state,
            **({"subject": line.subject} if line.subject else {}),
            "files": [
                {"name": file.name, "version": file.version, "sha256": file.sha256, "status": file.status}
                for file in (*line.earlier, *line.files)
            ],
            "verdicts": [
                {
                    "verdict": review.verdict,
                    "at": review.at,
                    "by_person_id": review.by_person_id,
                    **({"problem": review.problem} if review.problem else {}),
                    **({"requirement": review.requirement} if review.requirement else {}),
                }
                for review in reviews
                if (review.item, review.subject) == (line.item, line.subject)
            ],
        }
        for line in lines
    ]
