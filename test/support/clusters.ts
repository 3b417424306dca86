import type { Random } from '../../src/core/random.ts'
import { type ClusterMoments, maximumWeight } from '../../src/trigger/cluster.ts'
import { pick } from './shots.ts'

/** One macro-pixel of a cluster. */
export interface Cell {
  readonly x: number
  readonly y: number
  readonly adu: number
}

/** The record of a cluster made of these macro-pixels; numbers stay exact below 2 ** 53. */
export function momentsOf(cells: readonly Cell[], peak = 1000): ClusterMoments {
  const c = { x0: 1023, y0: 1023, x1: 0, y1: 0, pixels: 0, sum: 0, peak, brightest: -(2 ** 17) }
  const m = { w: 0, wx: 0, wy: 0, wxx: 0, wxy: 0, wyy: 0 }
  for (const { x, y, adu } of cells) {
    c.x0 = Math.min(c.x0, x)
    c.x1 = Math.max(c.x1, x)
    c.y0 = Math.min(c.y0, y)
    c.y1 = Math.max(c.y1, y)
    c.pixels++
    c.sum += adu
    c.brightest = Math.max(c.brightest, adu)
    const w = Math.min(Math.max(adu, 0), maximumWeight)
    m.w += w
    m.wx += w * x
    m.wy += w * y
    m.wxx += w * x * x
    m.wxy += w * x * y
    m.wyy += w * y * y
  }
  return { ...c, ...m }
}

/** A filled rectangle with the same content everywhere, by closed forms: for extents up to 1024 x 1024. */
export function rectangle(x0: number, y0: number, x1: number, y1: number, adu: number): ClusterMoments {
  const w = Math.min(Math.max(adu, 0), maximumWeight)
  const sums = (a: number, b: number): [number, number, number] => {
    const squares = (n: number): number => ((n - 1) * n * (2 * n - 1)) / 6
    return [b - a + 1, ((b - a + 1) * (a + b)) / 2, squares(b + 1) - squares(a)]
  }
  const [nx, sx, sxx] = sums(x0, x1)
  const [ny, sy, syy] = sums(y0, y1)
  const box = { x0, y0, x1, y1, pixels: nx * ny, sum: nx * ny * adu, peak: 33554431, brightest: adu }
  return {
    ...box,
    w: w * nx * ny,
    wx: w * sx * ny,
    wy: w * nx * sy,
    wxx: w * sxx * ny,
    wxy: w * sx * sy,
    wyy: w * nx * syy,
  }
}

/** A random track or blob: `width` of 0 gives a line of single macro-pixels. */
export function randomCells(random: Random): Cell[] {
  const length = random.integer(pick(random, [3, 20, 100, 600]))
  const width = random.integer(pick(random, [1, 4, 12]))
  const angle = Math.PI * random.uniform()
  const brightest = pick(random, [5, 300, 3000, maximumWeight, 131071])
  const x = width + random.integer(1024 - 2 * width)
  const y = width + random.integer(1024 - 2 * width)
  const cells = new Map<number, Cell>()
  for (let i = random.integer(60); i >= 0; i--) {
    const t = (random.uniform() - 0.5) * length
    // + 0: no negative zeros
    const cx = Math.round(x + t * Math.cos(angle) + random.integer(2 * width + 1) - width) + 0
    const cy = Math.round(y + t * Math.sin(angle) + random.integer(2 * width + 1) - width) + 0
    if (cx < 0 || cy < 0 || cx > 1023 || cy > 1023) continue
    cells.set(cy * 1024 + cx, {
      x: cx,
      y: cy,
      adu: 1 + random.integer(brightest) - pick(random, [0, 0, 0, 3]),
    })
  }
  return cells.size === 0 ? [{ x, y, adu: brightest }] : [...cells.values()]
}

/** Records at the edges of what the logic can meet. */
export function extremeClusters(): ClusterMoments[] {
  const contents = [131071, maximumWeight, 1, 0, -1, -131072]
  const boxes = [
    [0, 0, 1023, 1023],
    [0, 0, 0, 0],
    [1023, 1023, 1023, 1023],
    [0, 0, 1023, 0],
    [0, 0, 0, 1023],
    [0, 1023, 1023, 1023],
    [1023, 0, 1023, 1023],
    [512, 512, 1023, 1023],
    [341, 0, 1023, 1023],
    [0, 682, 1023, 1023],
    [1, 1, 1023, 1023],
  ] as const
  return [
    ...contents.flatMap((adu) => boxes.map(([x0, y0, x1, y1]) => rectangle(x0, y0, x1, y1, adu))),
    // Two corners of the image: the largest covariance that there is, in both signs.
    momentsOf(corners(0, 1023, 16383)),
    momentsOf(corners(1023, 0, 16383)),
    momentsOf(corners(0, 1023, 1)),
    // All weight far from the corner of the box: rounding makes the variance negative before it is limited.
    momentsOf([{ x: 0, y: 0, adu: -5 }, ...column(700, 3, 23, 16383)]),
    momentsOf([{ x: 0, y: 0, adu: -5 }, ...column(1023, 1000, 1023, 16381)]),
    // Bright and dark macro-pixels whose sum is negative.
    momentsOf([
      { x: 5, y: 6, adu: 100 },
      { x: 6, y: 6, adu: -50000 },
    ]),
  ]
}

const column = (x: number, y0: number, y1: number, adu: number): Cell[] =>
  Array.from({ length: y1 - y0 + 1 }, (_, i) => ({ x, y: y0 + i, adu }))

const corners = (y0: number, y1: number, adu: number): Cell[] => [
  { x: 0, y: y0, adu },
  { x: 1023, y: y1, adu },
]

/** Fields of the 423-bit record of hdl/trigger/clustering.sv, from the top. */
const recordFields: readonly (readonly [keyof ClusterMoments, number])[] = [
  ['x0', 10],
  ['y0', 10],
  ['x1', 10],
  ['y1', 10],
  ['pixels', 21],
  ['sum', 38],
  ['peak', 25],
  ['brightest', 18],
  ['w', 34],
  ['wx', 44],
  ['wy', 44],
  ['wxx', 53],
  ['wxy', 53],
  ['wyy', 53],
]

/** The record as the logic packs it. */
export function packRecord(cluster: Readonly<ClusterMoments>): bigint {
  let record = 0n
  for (const [name, bits] of recordFields)
    record = (record << BigInt(bits)) | BigInt.asUintN(bits, BigInt(cluster[name]))
  return record
}

/** Nine int8 as the logic packs them, the first one lowest. */
export function packFeatures(features: Int8Array): bigint {
  return features.reduceRight((word, value) => (word << 8n) | BigInt(value & 255), 0n)
}
