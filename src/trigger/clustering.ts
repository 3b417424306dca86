import type { ClusterMoments } from './cluster.ts'
import { maximumWeight } from './cluster.ts'
import { limits } from './settings.ts'

/** Counts of one frame. */
export interface ClusteringCounts {
  /** Macro-pixels at or above the low threshold. */
  active: number
  /** Clusters reported. */
  kept: number
  /** Clusters that missed the high threshold or the minimum size. */
  rejected: number
  /** Runs left out because all labels were in use: the frame's clusters are incomplete. */
  droppedRuns: number
}

export interface ClusteringThresholds {
  readonly thresholdLow: number
  readonly thresholdHigh: number
  readonly minimumPixels: number
}

const runs = limits.maximumMacroSide / 2

/**
 * Twin of hdl/trigger/clustering.sv: connected components (8-connectivity) in one pass over the rows, with
 * bounded memory. A row is cut into runs; a run takes the label of the first run that it touches in the row
 * above, and merges the labels of the others into it. At the end of a row every run is relabelled with its
 * root, labels without a successor are reported and given back. The order of labels, hence of clusters, is
 * part of the specification: free labels are used first in, first out, and reported in ascending order.
 */
export class Clustering {
  readonly #labels: number
  readonly #parent: Int32Array
  readonly #alive: Uint8Array
  readonly #free: Int32Array
  #freeHead = 0
  #freeCount = 0
  readonly #record: ClusterMoments[]
  #aboveStart = new Int32Array(runs)
  #aboveEnd = new Int32Array(runs)
  #aboveLabel = new Int32Array(runs)
  #start = new Int32Array(runs)
  #end = new Int32Array(runs)
  #label = new Int32Array(runs)

  /** At most 2 ** labelBits clusters are open at a time. */
  constructor(labelBits: number = limits.labelBits) {
    this.#labels = 1 << labelBits
    this.#parent = new Int32Array(this.#labels)
    this.#alive = new Uint8Array(this.#labels)
    this.#free = new Int32Array(this.#labels)
    this.#record = Array.from({ length: this.#labels }, emptyMoments)
  }

  /** Reports each kept cluster to `emit`, in the order of the logic; the record is reused afterwards. */
  process(
    macro: Int32Array,
    filtered: Int32Array,
    columns: number,
    rows: number,
    thresholds: ClusteringThresholds,
    emit: (cluster: Readonly<ClusterMoments>) => void,
  ): ClusteringCounts {
    const { thresholdLow, thresholdHigh, minimumPixels } = thresholds
    const labels = this.#labels
    const counts: ClusteringCounts = { active: 0, kept: 0, rejected: 0, droppedRuns: 0 }
    for (let i = 0; i < labels; i++) this.#free[i] = i
    this.#alive.fill(0)
    this.#freeHead = 0
    this.#freeCount = labels
    const run = emptyMoments()
    let aboveCount = 0
    for (let y = 0; y < rows; y++) {
      let count = 0
      let above = 0
      const base = y * columns
      for (let x = 0; x < columns; ) {
        if (filtered[base + x]! < thresholdLow) {
          x++
          continue
        }
        x = measureRun(run, macro, filtered, base, x, y, columns, thresholdLow)
        counts.active += run.pixels
        let label = -1
        for (; above < aboveCount; above++) {
          if (this.#aboveEnd[above]! + 1 < run.x0) continue
          if (this.#aboveStart[above]! > run.x1 + 1) break
          const root = this.#root(this.#aboveLabel[above]!)
          if (label < 0) label = root
          else if (label !== root) {
            add(this.#record[label]!, this.#record[root]!)
            this.#parent[root] = label
          }
          if (this.#aboveEnd[above]! > run.x1) break
        }
        if (label >= 0) add(this.#record[label]!, run)
        else if (this.#freeCount > 0) {
          label = this.#free[this.#freeHead]!
          this.#freeHead = (this.#freeHead + 1) % labels
          this.#freeCount--
          this.#parent[label] = label
          this.#alive[label] = 1
          Object.assign(this.#record[label]!, run)
        } else {
          counts.droppedRuns++
          continue
        }
        this.#start[count] = run.x0
        this.#end[count] = run.x1
        this.#label[count++] = label
      }
      for (let i = 0; i < count; i++) this.#label[i] = this.#root(this.#label[i]!)
      if (this.#freeCount < labels)
        for (let label = 0; label < labels; label++) {
          if (this.#alive[label] === 0) continue
          if (this.#parent[label] === label) {
            const record = this.#record[label]!
            if (record.y1 === y && y + 1 < rows) continue
            if (record.peak >= thresholdHigh && record.pixels >= minimumPixels) {
              counts.kept++
              emit(record)
            } else counts.rejected++
          }
          this.#alive[label] = 0
          this.#free[(this.#freeHead + this.#freeCount++) % labels] = label
        }
      ;[this.#aboveStart, this.#start] = [this.#start, this.#aboveStart]
      ;[this.#aboveEnd, this.#end] = [this.#end, this.#aboveEnd]
      ;[this.#aboveLabel, this.#label] = [this.#label, this.#aboveLabel]
      aboveCount = count
    }
    return counts
  }

  #root(label: number): number {
    while (this.#parent[label] !== label) label = this.#parent[label]!
    return label
  }
}

function emptyMoments(): ClusterMoments {
  return {
    x0: 0,
    y0: 0,
    x1: 0,
    y1: 0,
    pixels: 0,
    sum: 0,
    peak: 0,
    brightest: 0,
    w: 0,
    wx: 0,
    wy: 0,
    wxx: 0,
    wxy: 0,
    wyy: 0,
  }
}

/** Fills `run` from the run that starts at `x`; returns the column after it. */
function measureRun(
  run: ClusterMoments,
  macro: Int32Array,
  filtered: Int32Array,
  base: number,
  x: number,
  y: number,
  columns: number,
  threshold: number,
): number {
  const x0 = x
  let sum = 0
  let peak = 0
  let brightest = macro[base + x]!
  let w = 0
  let wx = 0
  let wxx = 0
  for (; x < columns; x++) {
    const f = filtered[base + x]!
    if (f < threshold) break
    const m = macro[base + x]!
    const weight = m < 0 ? 0 : m > maximumWeight ? maximumWeight : m
    sum += m
    if (f > peak) peak = f
    if (m > brightest) brightest = m
    w += weight
    wx += weight * x
    wxx += weight * x * x
  }
  run.x0 = x0
  run.x1 = x - 1
  run.y0 = y
  run.y1 = y
  run.pixels = x - x0
  run.sum = sum
  run.peak = peak
  run.brightest = brightest
  run.w = w
  run.wx = wx
  run.wy = w * y
  run.wxx = wxx
  run.wxy = wx * y
  run.wyy = w * y * y
  return x
}

function add(into: ClusterMoments, other: ClusterMoments): void {
  if (other.x0 < into.x0) into.x0 = other.x0
  if (other.x1 > into.x1) into.x1 = other.x1
  if (other.y0 < into.y0) into.y0 = other.y0
  if (other.y1 > into.y1) into.y1 = other.y1
  into.pixels += other.pixels
  into.sum += other.sum
  if (other.peak > into.peak) into.peak = other.peak
  if (other.brightest > into.brightest) into.brightest = other.brightest
  into.w += other.w
  into.wx += other.wx
  into.wy += other.wy
  into.wxx += other.wxx
  into.wxy += other.wxy
  into.wyy += other.wyy
}
