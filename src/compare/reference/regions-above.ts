/** A connected part of a map that reaches a threshold. */
export interface RegionAbove {
  /** Highest value and where it is. */
  readonly peak: number
  readonly x: number
  readonly y: number
  /** Bounding box, inclusive. */
  readonly x0: number
  readonly y0: number
  readonly x1: number
  readonly y1: number
  readonly pixels: number
}

/** Regions of eight-connected pixels at or above `threshold`, in raster order of their first pixel. */
export function regionsAbove(
  map: Float32Array,
  width: number,
  height: number,
  threshold: number,
): RegionAbove[] {
  const regions: RegionAbove[] = []
  const seen = new Uint8Array(map.length)
  for (let seed = 0; seed < map.length; seed++)
    if (map[seed]! >= threshold && seen[seed] === 0)
      regions.push(grow(map, width, height, threshold, seed, seen))
  return regions
}

function grow(
  map: Float32Array,
  width: number,
  height: number,
  threshold: number,
  seed: number,
  seen: Uint8Array,
): RegionAbove {
  let highest = seed
  let [x0, y0, x1, y1] = [width, height, 0, 0]
  const members = [seed]
  seen[seed] = 1
  for (const at of members) {
    const x = at % width
    const y = (at - x) / width
    if (map[at]! > map[highest]!) highest = at
    x0 = Math.min(x0, x)
    y0 = Math.min(y0, y)
    x1 = Math.max(x1, x)
    y1 = Math.max(y1, y)
    for (let ny = Math.max(0, y - 1); ny <= Math.min(height - 1, y + 1); ny++)
      for (let nx = Math.max(0, x - 1); nx <= Math.min(width - 1, x + 1); nx++) {
        const next = ny * width + nx
        if (map[next]! < threshold || seen[next] === 1) continue
        seen[next] = 1
        members.push(next)
      }
  }
  const x = highest % width
  const y = (highest - x) / width
  return { peak: map[highest]!, x, y, x0, y0, x1, y1, pixels: members.length }
}
