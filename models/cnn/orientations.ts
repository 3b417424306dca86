/** The symmetries of a square: four turns, each also mirrored. */
export const orientations = 8

/**
 * Turns and mirrors a square picture; light knows no direction, so a turned recoil is as good as a new one.
 * @param orientation 0 (as it is) ... 7
 * @param to `[size][size]`, must not be `from`
 */
export function orient(from: Uint8Array, orientation: number, to: Uint8Array): void {
  const size = Math.sqrt(from.length)
  const last = size - 1
  const swap = (orientation & 1) !== 0
  const flipRows = (orientation & 2) !== 0
  const flipColumns = (orientation & 4) !== 0
  for (let y = 0, i = 0; y < size; y++) {
    const row = flipRows ? last - y : y
    for (let x = 0; x < size; x++, i++) {
      const column = flipColumns ? last - x : x
      to[i] = from[swap ? column * size + row : row * size + column]!
    }
  }
}
