/** A rectangle that text must not cover. */
export interface Area {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** A label that found a place: left end of the base line. */
export interface PlacedLabel {
  readonly text: string
  readonly x: number
  readonly y: number
}

/** Average advance of a sans-serif glyph in units of the font size; a little more than most fonts have. */
const glyphWidth = 0.58

/**
 * Places one label beside each box such that labels neither overlap each other, nor any box, nor leave the
 * picture: above, below, right, left, in this order. A label without a place is left out (null): its box still
 * tells where it is.
 */
export function placeLabels(
  boxes: readonly (Area & { readonly text: string })[],
  picture: { readonly width: number; readonly height: number },
  fontSize: number,
): (PlacedLabel | null)[] {
  const taken: Area[] = []
  const height = fontSize * 1.1
  const gap = fontSize * 0.25
  return boxes.map((box, i) => {
    const width = box.text.length * fontSize * glyphWidth
    const left = Math.min(Math.max(1, box.x), picture.width - width - 1)
    const top = Math.min(Math.max(1, box.y + box.height / 2 - height / 2), picture.height - height - 1)
    const candidates = [
      { x: left, y: box.y - height - gap },
      { x: left, y: box.y + box.height + gap },
      { x: box.x + box.width + gap, y: top },
      { x: box.x - width - gap, y: top },
      { x: box.x + box.width + gap, y: box.y - height },
      { x: box.x + box.width + gap, y: box.y + box.height },
    ].map((at) => ({ ...at, width, height }))
    const others = boxes.filter((_, k) => k !== i)
    const free = (area: Area, clear: readonly Area[]): boolean =>
      within(area, picture) && !clear.some((other) => overlap(area, other))
    // The box of a long track is mostly empty: a label may lie in it, but not on small boxes or other labels.
    const small = others.filter((other) => other.width * other.height < 12 * width * height)
    const place =
      candidates.find((c) => free(c, [...taken, ...others])) ??
      candidates.find((c) => free(c, [...taken, ...small]))
    if (place === undefined) return null
    taken.push(place)
    return { text: box.text, x: place.x, y: place.y + 0.82 * height }
  })
}

function within(area: Area, picture: { readonly width: number; readonly height: number }): boolean {
  return (
    area.x >= 0 &&
    area.y >= 0 &&
    area.x + area.width <= picture.width &&
    area.y + area.height <= picture.height
  )
}

function overlap(a: Area, b: Area): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
}
