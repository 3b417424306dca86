import type { ClusterMoments } from './cluster.ts'
import { maximumWeight } from './cluster.ts'
import { limits, type TriggerSettings } from './settings.ts'

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

/** See TriggerSettings. */
export type ClusteringSettings = Pick<
  TriggerSettings,
  'thresholdLow' | 'thresholdHigh' | 'minimumPixels' | 'link'
>

const runs = limits.maximumMacroSide / 2

/**
 * Twin of hdl/trigger/clustering.sv: connected components in one pass over the rows, with bounded memory. Active
 * macro-pixels (filter output at the low threshold or above) at most `link` apart in both directions belong together:
 * each marks the square of `link` x `link` macro-pixels of which it is the upper left corner, and squares that touch are
 * one component. Only active macro-pixels count in the moments.
 *
 * A row is cut into runs of marked macro-pixels; a run takes the label of the first run that it touches in the row above,
 * and merges the labels of the others into it. At the end of a row every run is relabelled with its root, labels without
 * a successor are reported and given back. The order of labels, hence of clusters, is part of the specification: free
 * labels are used first in, first out, and reported in ascending order.
 */
export class Clustering {
  readonly #labels: number
  readonly #parent: Int32Array
  readonly #alive: Uint8Array
  /** Row of the last run with the label. */
  readonly #lastRow: Int32Array
  readonly #free: Int32Array
  #freeHead = 0
  #freeCount = 0
  readonly #record: ClusterMoments[]
  readonly #run = emptyMoments()
  /** Row of the last active macro-pixel in each column. */
  readonly #active = new Int32Array(limits.maximumMacroSide)
  #above = new RunList()
  #current = new RunList()
  /** First run of the row above that can touch the next run. */
  #next = 0

  /** At most 2 ** labelBits clusters are open at a time. */
  constructor(labelBits: number = limits.labelBits) {
    this.#labels = 1 << labelBits
    this.#parent = new Int32Array(this.#labels)
    this.#alive = new Uint8Array(this.#labels)
    this.#lastRow = new Int32Array(this.#labels)
    this.#free = new Int32Array(this.#labels)
    this.#record = Array.from({ length: this.#labels }, emptyMoments)
  }

  /** Reports each kept cluster to `emit`, in the order of the logic; the record is reused afterwards. */
  process(
    content: Int32Array,
    filtered: Int32Array,
    columns: number,
    rows: number,
    settings: ClusteringSettings,
    emit: (cluster: Readonly<ClusterMoments>) => void,
  ): ClusteringCounts {
    const { thresholdLow, link } = settings
    const counts: ClusteringCounts = { active: 0, kept: 0, rejected: 0, droppedRuns: 0 }
    const run = this.#run
    this.#restart()
    for (let y = 0; y < rows; y++) {
      const base = y * columns
      let marked = 0
      let start = -1
      for (let x = 0; x < columns; x++) {
        const f = filtered[base + x]!
        const active = f >= thresholdLow
        if (active) this.#active[x] = y
        if (y - this.#active[x]! < link) marked = link
        else if (marked > 0) marked--
        if (marked === 0) {
          if (start >= 0) this.#attach(start, x - 1, y, counts)
          start = -1
          continue
        }
        if (start < 0) {
          start = x
          Object.assign(run, neutral)
        }
        if (active) count(run, content[base + x]!, f, x)
      }
      if (start >= 0) this.#attach(start, columns - 1, y, counts)
      this.#finishRow(y, y + 1 === rows, settings, counts, emit)
    }
    return counts
  }

  #restart(): void {
    for (let i = 0; i < this.#labels; i++) this.#free[i] = i
    this.#alive.fill(0)
    this.#freeHead = 0
    this.#freeCount = this.#labels
    this.#active.fill(-limits.maximumLink)
    this.#above.length = 0
    this.#current.length = 0
    this.#next = 0
  }

  /** Gives the run from `x0` to `x1` of row `y` its label. */
  #attach(x0: number, x1: number, y: number, counts: ClusteringCounts): void {
    const run = this.#run
    completeRun(run, y)
    counts.active += run.pixels
    const above = this.#above
    let label = -1
    for (; this.#next < above.length; this.#next++) {
      if (above.end[this.#next]! + 1 < x0) continue
      if (above.start[this.#next]! > x1 + 1) break
      const root = this.#root(above.label[this.#next]!)
      if (label < 0) label = root
      else if (label !== root) {
        add(this.#record[label]!, this.#record[root]!)
        this.#parent[root] = label
      }
      if (above.end[this.#next]! > x1) break
    }
    if (label >= 0) add(this.#record[label]!, run)
    else if (this.#freeCount > 0) {
      label = this.#free[this.#freeHead]!
      this.#freeHead = (this.#freeHead + 1) % this.#labels
      this.#freeCount--
      this.#parent[label] = label
      this.#alive[label] = 1
      Object.assign(this.#record[label]!, run)
    } else {
      counts.droppedRuns++
      return
    }
    this.#lastRow[label] = y
    this.#current.push(x0, x1, label)
  }

  /** Relabels the runs of the row, reports the clusters that ended and gives their labels back. */
  #finishRow(
    y: number,
    last: boolean,
    { thresholdHigh, minimumPixels }: ClusteringSettings,
    counts: ClusteringCounts,
    emit: (cluster: Readonly<ClusterMoments>) => void,
  ): void {
    const current = this.#current
    for (let i = 0; i < current.length; i++) current.label[i] = this.#root(current.label[i]!)
    if (this.#freeCount < this.#labels)
      for (let label = 0; label < this.#labels; label++) {
        if (this.#alive[label] === 0) continue
        if (this.#parent[label] === label) {
          if (this.#lastRow[label] === y && !last) continue
          const record = this.#record[label]!
          if (record.peak >= thresholdHigh && record.pixels >= minimumPixels) {
            counts.kept++
            emit(record)
          } else counts.rejected++
        }
        this.#alive[label] = 0
        this.#free[(this.#freeHead + this.#freeCount++) % this.#labels] = label
      }
    this.#current = this.#above
    this.#current.length = 0
    this.#above = current
    this.#next = 0
  }

  #root(label: number): number {
    while (this.#parent[label] !== label) label = this.#parent[label]!
    return label
  }
}

/** Runs of one row: first and last column, label. */
class RunList {
  readonly start = new Int32Array(runs)
  readonly end = new Int32Array(runs)
  readonly label = new Int32Array(runs)
  length = 0

  push(start: number, end: number, label: number): void {
    this.start[this.length] = start
    this.end[this.length] = end
    this.label[this.length++] = label
  }
}

/** What a run without an active macro-pixel adds: nothing. */
const neutral: Readonly<ClusterMoments> = {
  x0: 1023,
  y0: 1023,
  x1: 0,
  y1: 0,
  pixels: 0,
  sum: 0,
  peak: 0,
  brightest: -131072,
  w: 0,
  wx: 0,
  wy: 0,
  wxx: 0,
  wxy: 0,
  wyy: 0,
}

function emptyMoments(): ClusterMoments {
  return { ...neutral }
}

/** Adds an active macro-pixel to the run: all but what follows from the row. */
function count(run: ClusterMoments, content: number, filtered: number, x: number): void {
  const weight = content < 0 ? 0 : content > maximumWeight ? maximumWeight : content
  if (run.pixels === 0) run.x0 = x
  run.x1 = x
  run.pixels++
  run.sum += content
  if (filtered > run.peak) run.peak = filtered
  if (content > run.brightest) run.brightest = content
  run.w += weight
  run.wx += weight * x
  run.wxx += weight * x * x
}

function completeRun(run: ClusterMoments, y: number): void {
  if (run.pixels === 0) return
  run.y0 = y
  run.y1 = y
  run.wy = run.w * y
  run.wxy = run.wx * y
  run.wyy = run.w * y * y
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
