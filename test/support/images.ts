import type { Random } from '../../src/core/random.ts'
import type { ClusteringSettings } from '../../src/trigger/clustering.ts'

/** What clustering works on: macro-pixels and their filter output, row-major. */
export interface ClusterImage {
  readonly name: string
  readonly columns: number
  readonly rows: number
  readonly macro: Int32Array
  readonly filtered: Int32Array
  readonly settings: ClusteringSettings
}

const shapes: Record<string, string> = {
  u: `
    #...#
    #...#
    #...#
    #####`,
  w: `
    #...#...#
    #..#.#..#
    .#.#.#.#.
    ..#...#..`,
  nestedU: `
    #.#.#.#
    #.#.#.#
    #.###.#
    #.....#
    #######`,
  spiral: `
    #########
    #.......#
    #.#####.#
    #.#...#.#
    #.#.#.#.#
    #.#.###.#
    #.#.....#
    #.#######
    #........`,
  comb: `
    #.#.#.#.#.#
    #.#.#.#.#.#
    #.#.#.#.#.#
    ###########`,
  combUp: `
    ###########
    #.#.#.#.#.#
    #.#.#.#.#.#`,
  checkerboard: `
    #.#.#.#.
    .#.#.#.#
    #.#.#.#.
    .#.#.#.#`,
  isolatedDots: `
    #.#.#.#.#
    .........
    #.#.#.#.#
    .........
    #.#.#.#.#`,
  diagonal: `
    #.......
    .#......
    ..#.....
    ...#....
    ....#...`,
  antiDiagonal: `
    .......#
    ......#.
    .....#..
    ....#...
    ...#....`,
  rings: `
    #########
    #.......#
    #.#####.#
    #.#...#.#
    #.#.#.#.#
    #.#...#.#
    #.#####.#
    #.......#
    #########`,
  rowWrap: `
    ......##
    ##......
    ......##
    ##......`,
  full: `
    #####
    #####
    #####`,
  empty: `
    .....
    .....`,
  onePixel: '#',
  column: '#\n#\n.\n#\n#',
  late: `
    ....#....
    #..#.#..#
    .##...##.`,
  // With two labels: that of the outer arch is merged into the inner one's, given back, and taken by the dot at
  // the left of the last row, just before the arch's left leg asks which cluster it belongs to.
  label: `
    ..#########
    ..#.......#
    ..#...#...#
    ..#...#####
    #.#........`,
  stairs: `
    ##........
    ..##......
    ....##....
    ......##..
    ........##
    ......##..
    ....##....`,
}

/** The hand-made shapes, with contents that differ from pixel to pixel. */
export function shapeImages(link = 1): ClusterImage[] {
  return Object.entries(shapes).map(([name, text]) => {
    const lines = text.trim().split('\n')
    const cells = lines.map((line) => [...line.trim()])
    const columns = cells[0]!.length
    const macro = Int32Array.from(cells.flat(), (c, i) => (c === '#' ? 10 + i : 3))
    const filtered = Int32Array.from(cells.flat(), (c, i) => (c === '#' ? 100 + i : 99))
    const settings = { thresholdLow: 100, thresholdHigh: 100, link, minimumPixels: 1 }
    return { name: `${name}, link ${link}`, columns, rows: cells.length, macro, filtered, settings }
  })
}

/** A random image in which `density` of the macro-pixels are active, with contents over the whole range. */
export function randomImage(random: Random, columns: number, rows: number, density: number): ClusterImage {
  const thresholdLow = 1 + random.integer(1 << 24)
  const wide = random.integer(2) === 0
  const content = (): number => (wide ? random.integer(1 << 18) - (1 << 17) : random.integer(20000) - 2000)
  const filtered = Int32Array.from({ length: columns * rows }, () =>
    random.uniform() < density
      ? thresholdLow + random.integer(random.integer(2) === 0 ? 100 : (1 << 25) - thresholdLow)
      : thresholdLow - 1 - random.integer(1 << 24),
  )
  return {
    name: `${columns}x${rows} at ${density.toFixed(2)}`,
    columns,
    rows,
    macro: Int32Array.from({ length: columns * rows }, content),
    filtered,
    settings: {
      thresholdLow,
      thresholdHigh: Math.min((1 << 25) - 1, thresholdLow + random.integer(200)),
      link: random.integer(2) === 0 ? 1 : 1 + random.integer(4),
      minimumPixels: 1 + random.integer(4),
    },
  }
}
