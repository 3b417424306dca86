/** Points on a grid: cells with a weight above 0, row-major; 0 is no point. */
export interface WeightedGrid {
  readonly columns: number
  readonly rows: number
  readonly weights: Int32Array
}

export interface DbscanLabels {
  /** Per cell the number of its cluster from 0, -1 for noise and for cells without a point. */
  readonly labels: Int32Array
  readonly clusters: number
}

/**
 * DBSCAN (Ester et al., KDD 1996) with the cityblock metric and weights as in scikit-learn: a point is a core
 * when the weights within `radius`, its own included, add up to `minimumWeight`. Clusters are numbered by
 * their first core in raster order; a border point belongs to the first cluster that reaches it. The
 * neighbours of a point are looked up on the grid: time goes with the number of points, times radius squared.
 */
export function dbscan(grid: WeightedGrid, radius: number, minimumWeight: number): DbscanLabels {
  const { weights } = grid
  const labels = new Int32Array(weights.length).fill(-1)
  const core = coresOf(grid, radius, minimumWeight)
  const stack: number[] = []
  let clusters = 0
  for (let seed = 0; seed < labels.length; seed++) {
    if (core[seed] === 0 || labels[seed] !== -1) continue
    const label = clusters++
    labels[seed] = label
    stack.push(seed)
    while (stack.length > 0)
      eachNear(grid, stack.pop()!, radius, (from, to) => {
        for (let i = from; i < to; i++) {
          if (weights[i] === 0 || labels[i] !== -1) continue
          labels[i] = label
          if (core[i] === 1) stack.push(i)
        }
      })
  }
  return { labels, clusters }
}

/** 1 where a cell holds a core point. */
function coresOf(grid: WeightedGrid, radius: number, minimumWeight: number): Uint8Array {
  const { weights } = grid
  const core = new Uint8Array(weights.length)
  let sum = 0
  const add = (from: number, to: number): void => {
    for (let i = from; i < to; i++) sum += weights[i]!
  }
  for (let at = 0; at < core.length; at++) {
    if (weights[at] === 0) continue
    sum = 0
    eachNear(grid, at, radius, add)
    if (sum >= minimumWeight) core[at] = 1
  }
  return core
}

/** Calls `visit` with the cells [from, to) of every row within the radius of a cell. */
function eachNear(
  { columns, rows }: WeightedGrid,
  at: number,
  radius: number,
  visit: (from: number, to: number) => void,
): void {
  const x = at % columns
  const y = (at - x) / columns
  for (let row = Math.max(0, y - radius); row <= Math.min(rows - 1, y + radius); row++) {
    const reach = radius - Math.abs(row - y)
    visit(row * columns + Math.max(0, x - reach), row * columns + Math.min(columns, x + reach + 1))
  }
}
