import type { MacroImage } from './rebin.ts'

/** A macro-pixel that differs from the mean of its neighbours by more ADU than this takes their mean. */
const largestDifference = 10
/** Macro-pixels that become 0 along each edge. */
const border = 2
/** Of a macro-pixel and its eight neighbours at least this many must not be 0. */
const fewestLit = 3
/** The filter starts inside the border, where a bright track lights the second row and column again. */
const firstFiltered = 1

/**
 * CYGNO's noise reductor: isolated macro-pixels become 0, and noisy ones the mean of their eight neighbours.
 * It works in place and in raster order, so that a macro-pixel sees what became of those above and to the
 * left of it: that is part of the algorithm, not an accident of this version. Changes `image`.
 */
export function filterByNeighbours(image: MacroImage, minimumMean: number): void {
  const { columns, rows, values } = image
  clearBorder(image)
  for (let y = firstFiltered; y < rows - border; y++)
    for (let x = firstFiltered; x < columns - border; x++) {
      const at = y * columns + x
      const own = values[at]!
      let sum = 0
      let lit = own === 0 ? 0 : 1
      for (let dy = -columns; dy <= columns; dy += columns)
        for (let dx = -1; dx <= 1; dx++) {
          if (dx === 0 && dy === 0) continue
          const neighbour = values[at + dy + dx]!
          sum += neighbour
          if (neighbour !== 0) lit++
        }
      const mean = sum / 8
      if (mean < minimumMean || lit < fewestLit) values[at] = 0
      else if (Math.abs(own - mean) > largestDifference) values[at] = mean
    }
}

function clearBorder({ columns, rows, values }: MacroImage): void {
  for (let y = 0; y < rows; y++) {
    const inner = y >= border && y < rows - border && columns > 2 * border
    if (!inner) values.fill(0, y * columns, (y + 1) * columns)
    else {
      values.fill(0, y * columns, y * columns + border)
      values.fill(0, (y + 1) * columns - border, (y + 1) * columns)
    }
  }
}
