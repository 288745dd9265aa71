"""Text that flows from column to column and page to page; a block stays whole as long as a page can hold it."""

from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable

from ecgdesk.report.paper import Box

Block = tuple[Flowable, ...]


@dataclass(frozen=True)
class Story:
    """What belongs under one heading. `again` is the heading where it goes on in another column."""

    heading: Flowable
    again: Flowable
    blocks: tuple[Block, ...]


def fill(
    canvas: Canvas, stories: Sequence[Story], box: Box, *, whole: float, gap: float
) -> tuple[tuple[Story, ...], float]:
    """Sets the stories one below the other, `gap` points apart.

    Gives what did not fit, headed by `again`, and the height down to which the box is full.

    `whole`: the height of an empty page's column, points; only a block that is taller than that is divided.
    """
    y = box.top
    for number, story in enumerate(stories):
        if number:
            y -= gap
        blocks = list(story.blocks)
        headed = False
        while blocks:
            block = blocks[0] if headed else (story.heading, *blocks[0])
            height = _height(block, box.width)
            if height <= y - box.y:
                y = _draw(canvas, block, box, y)
                headed = True
                blocks.pop(0)
                continue
            if height > whole:
                placed, rest = _divided(block, box.width, y - box.y)
                y = _draw(canvas, placed, box, y)
                headed = headed or bool(placed)
                blocks[0] = rest if placed else blocks[0]
            heading = story.again if headed else story.heading
            return (Story(heading, story.again, tuple(blocks)), *stories[number + 1 :]), y
    return (), y


def height(stories: Sequence[Story], width: float, *, gap: float) -> float:
    """Points that the stories take up, one below the other."""
    whole = sum(
        _height((story.heading, *(part for block in story.blocks for part in block)), width) for story in stories
    )
    return whole + gap * max(len(stories) - 1, 0)


def _height(block: Block, width: float) -> float:
    return sum(_one_height(part, width) for part in block)


def _one_height(part: Flowable, width: float) -> float:
    return part.wrap(width, 1e6)[1] + part.getSpaceAfter()


def _draw(canvas: Canvas, block: Block, box: Box, y: float) -> float:
    for part in block:
        height = part.wrap(box.width, 1e6)[1]
        part.drawOn(canvas, box.x, y - height)
        y -= height + part.getSpaceAfter()
    return y


def _divided(block: Block, width: float, room: float) -> tuple[Block, Block]:
    """What of a tall block fits into the room, line by line, and the rest of it."""
    placed: list[Flowable] = []
    for number, part in enumerate(block):
        height = _one_height(part, width)
        if height > room:
            pieces = part.split(width, room)
            return (*placed, *pieces[:1]), (*pieces[1:], *block[number + 1 :]) if pieces else block[number:]
        placed.append(part)
        room -= height
    return tuple(placed), ()
