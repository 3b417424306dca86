import type { ClusterMoments } from '../../src/trigger/cluster.ts'
import type { ClusterImage } from '../support/images.ts'

const zero = { pixels: 0n, sum: 0n, w: 0n, wx: 0n, wy: 0n, wxx: 0n, wxy: 0n, wyy: 0n }

/** Components of macro-pixels at most `link` apart by flood fill, all sums in BigInt: the textbook way, whatever the order. */
export function floodFill(image: ClusterImage): Record<keyof ClusterMoments, bigint>[] {
  const { columns, rows, macro, filtered } = image
  const { thresholdLow, link } = image.settings
  const active = Array.from(filtered, (f) => f >= thresholdLow)
  const found: Record<keyof ClusterMoments, bigint>[] = []
  for (let seed = 0; seed < active.length; seed++) {
    if (!active[seed]) continue
    active[seed] = false
    const members = [seed]
    for (const at of members) {
      const x = at % columns
      const y = Math.floor(at / columns)
      for (let ny = Math.max(0, y - link); ny <= Math.min(rows - 1, y + link); ny++)
        for (let nx = Math.max(0, x - link); nx <= Math.min(columns - 1, x + link); nx++)
          if (active[ny * columns + nx]) {
            active[ny * columns + nx] = false
            members.push(ny * columns + nx)
          }
    }
    const xs = members.map((at) => at % columns)
    const ys = members.map((at) => Math.floor(at / columns))
    const sums = { ...zero }
    members.forEach((at, i) => {
      const m = macro[at]!
      const w = BigInt(Math.min(Math.max(m, 0), 16383))
      const x = BigInt(xs[i]!)
      const y = BigInt(ys[i]!)
      sums.pixels += 1n
      sums.sum += BigInt(m)
      sums.w += w
      sums.wx += w * x
      sums.wy += w * y
      sums.wxx += w * x * x
      sums.wxy += w * x * y
      sums.wyy += w * y * y
    })
    found.push({
      x0: BigInt(Math.min(...xs)),
      y0: BigInt(Math.min(...ys)),
      x1: BigInt(Math.max(...xs)),
      y1: BigInt(Math.max(...ys)),
      peak: BigInt(Math.max(...members.map((at) => filtered[at]!))),
      brightest: BigInt(Math.max(...members.map((at) => macro[at]!))),
      ...sums,
    })
  }
  return found
}

const order: readonly (keyof ClusterMoments)[] = [
  'x0',
  'y0',
  'x1',
  'y1',
  'pixels',
  'sum',
  'peak',
  'brightest',
  'w',
  'wx',
  'wy',
  'wxx',
  'wxy',
  'wyy',
]

/** A cluster as text, for comparing sets of them. */
export function describeCluster(cluster: Readonly<Record<keyof ClusterMoments, bigint | number>>): string {
  return order.map((key) => `${key} ${cluster[key]}`).join(', ')
}
