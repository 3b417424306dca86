import type { DbscanLabels } from './dbscan.ts'

/** A cluster of the reference chain; the names in brackets are those of CYGNO's output tree. */
export interface ReferenceCluster {
  /** Bounding box in macro-pixels, inclusive. */
  readonly x0: number
  readonly y0: number
  readonly x1: number
  readonly y1: number
  /** Macro-pixels, as row-major indices in ascending order. */
  readonly macroPixels: Int32Array
  /** Sum over all pixels of the macro-pixels, negative ones included, in ADU (sc_integral). */
  readonly integral: number
  /** Pixels of the macro-pixels that passed the zero suppression (sc_nhits). */
  readonly hits: number
  /** integral / hits in ADU (the light density delta); 0 without hits. */
  readonly density: number
  /** Extent of the pixels along the axes of largest and smallest spread of the macro-pixels, in pixels. */
  readonly length: number
  readonly width: number
}

/** Images at full resolution, `width` pixels per row. */
export interface ClusterImages {
  readonly width: number
  readonly binning: number
  /** Pedestal subtracted, in ADU. */
  readonly residual: Float32Array
  /** The same after zero suppression. */
  readonly suppressed: Float32Array
}

/** The clusters in order of their labels, those of a single macro-pixel left out as CYGNO does. */
export function measureClusters(
  { labels, clusters }: DbscanLabels,
  columns: number,
  images: ClusterImages,
): ReferenceCluster[] {
  const members = Array.from({ length: clusters }, (): number[] => [])
  for (let at = 0; at < labels.length; at++) if (labels[at]! >= 0) members[labels[at]!]!.push(at)
  return members.filter((cells) => cells.length > 1).map((cells) => measure(cells, columns, images))
}

function measure(cells: readonly number[], columns: number, images: ClusterImages): ReferenceCluster {
  const { width, binning, residual, suppressed } = images
  const xs = cells.map((at) => at % columns)
  const ys = cells.map((at) => Math.floor(at / columns))
  const { cosine, sine } = principalAxis(xs, ys)
  let integral = 0
  let hits = 0
  const along = new Extent()
  const across = new Extent()
  cells.forEach((_, i) => {
    for (let y = ys[i]! * binning; y < (ys[i]! + 1) * binning; y++)
      for (let x = xs[i]! * binning; x < (xs[i]! + 1) * binning; x++) {
        const at = y * width + x
        integral += residual[at]!
        if (suppressed[at] !== 0) hits++
        along.add(cosine * x + sine * y)
        across.add(cosine * y - sine * x)
      }
  })
  const box = {
    x0: xs.reduce((a, b) => Math.min(a, b)),
    y0: ys[0]!,
    x1: xs.reduce((a, b) => Math.max(a, b)),
    y1: ys.at(-1)!,
  }
  const density = hits === 0 ? 0 : integral / hits
  const macroPixels = Int32Array.from(cells)
  return { ...box, macroPixels, integral, hits, density, length: along.size, width: across.size }
}

class Extent {
  #low = Number.POSITIVE_INFINITY
  #high = Number.NEGATIVE_INFINITY

  add(value: number): void {
    if (value < this.#low) this.#low = value
    if (value > this.#high) this.#high = value
  }

  get size(): number {
    return this.#high - this.#low
  }
}

/** Direction of the largest spread of points of equal weight. */
function principalAxis(xs: readonly number[], ys: readonly number[]): { cosine: number; sine: number } {
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b) / values.length
  const [mx, my] = [mean(xs), mean(ys)]
  const moment = (product: (dx: number, dy: number) => number): number =>
    xs.reduce((sum, x, i) => sum + product(x - mx, ys[i]! - my), 0)
  const angle =
    0.5 *
    Math.atan2(
      2 * moment((dx, dy) => dx * dy),
      moment((dx, dy) => dx * dx - dy * dy),
    )
  return { cosine: Math.cos(angle), sine: Math.sin(angle) }
}
