/**
 * Does the shape of the photomultipliers' pulse tell nuclear from electron recoils of equal energy?
 *
 *   npx tsx models/pmt-study.ts [--pairs 2000] [--seed 1]
 *
 * Simulates pairs per keVee bin at z = 25 cm and over the whole drift, fits a quadratic logistic regression to the
 * camera's features, the pulse's, and both, in five folds, each scored by a fit that has not seen it, and prints the AUC
 * at equal energy and at equal light as a table (docs/pmt-study.md). Some ten minutes on one free core.
 */
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { auc } from '../src/compare/roc.ts'
import { describeError } from '../src/core/errors.ts'
import { QuadraticLogistic } from './pmt/logistic.ts'
import { PairMaker, type SeenRecoil, yields } from './pmt/pairs.ts'
import type { RecoilData } from './training/data.ts'
import { matchRows } from './training/score.ts'

const edges = [0.5, 2, 6, 10, 20, 40] as const
const folds = 5

/** Log odds of each row from a fit that saw the other four folds; both recoils of a pair stand in one fold. */
function heldOutScores(rows: readonly Float64Array[], recoils: readonly Seen[]): Float64Array {
  const scores = new Float64Array(rows.length)
  for (let fold = 0; fold < folds; fold++) {
    const others = recoils.flatMap(({ pair }, i) => (pair % folds === fold ? [] : [i]))
    const model = new QuadraticLogistic(
      others.map((i) => rows[i]!),
      others.map((i) => recoils[i]!.label),
    )
    recoils.forEach(({ pair }, i) => {
      if (pair % folds === fold) scores[i] = model.score(rows[i]!)
    })
  }
  return scores
}

/** A recoil with a cluster and, at every light yield, a pulse. */
interface Seen {
  readonly label: 0 | 1
  readonly pair: number
  readonly keVee: number
  readonly camera: Float64Array
  readonly pulses: readonly Float64Array[]
}

function seenByAll(recoils: readonly SeenRecoil[]): Seen[] {
  return recoils.flatMap(({ label, keVee, camera, pulses }, i) => {
    const found = pulses.filter((pulse) => pulse !== null)
    if (camera === null || found.length < pulses.length) return []
    return [{ label, pair: i >> 1, keVee, camera, pulses: found }]
  })
}

/** AUC at equal energy and, with equal counts at each value of the light feature, at equal light. */
function measure(recoils: readonly Seen[], scores: Float64Array): string {
  const data: RecoilData = {
    features: Int8Array.from(recoils.flatMap(({ camera }) => [...camera])),
    labels: Uint8Array.from(recoils, ({ label }) => 1 - label),
    keVee: Float32Array.from(recoils, ({ keVee }) => keVee),
  }
  const rows = recoils.map((_, i) => i)
  const text = (own: readonly number[]): string => {
    const of = (label: number): number[] =>
      own.filter((i) => recoils[i]!.label === label).map((i) => scores[i]!)
    const { value, error } = auc(of(1), of(0))
    return `${value.toFixed(3)} ± ${error.toFixed(3)}`
  }
  return `${text(rows)}, ${text(matchRows(data, rows, (i) => recoils[i]!.camera[0]!))}`
}

function join(...parts: readonly Float64Array[]): Float64Array {
  return Float64Array.from(parts.flatMap((part) => [...part]))
}

/** The cells of a row: the camera's light alone, the camera, the pulses, both. */
function scoreBin(recoils: readonly Seen[]): string[] {
  const of = (pick: (recoil: Seen) => Float64Array): string =>
    measure(recoils, heldOutScores(recoils.map(pick), recoils))
  return [
    of(({ camera }) => camera.subarray(0, 1)),
    of(({ camera }) => camera),
    ...yields.map((_, y) => of(({ pulses }) => pulses[y]!)),
    ...yields.map((_, y) => of(({ camera, pulses }) => join(camera, pulses[y]!))),
  ]
}

function main(): void {
  const { values } = parseArgs({
    options: { pairs: { type: 'string', default: '2000' }, seed: { type: 'string', default: '1' } },
  })
  const maker = new PairMaker()
  const columns = ['light', 'camera', ...yields.map((y) => `pulse ${y}`), ...yields.map((y) => `both ${y}`)]
  process.stdout.write(
    `| z | keVee | seen | ${columns.join(' | ')} |\n|${'---|'.repeat(columns.length + 3)}\n`,
  )
  for (const z of [25, undefined]) {
    for (let bin = 0; bin + 1 < edges.length; bin++) {
      const [from, to] = [edges[bin]!, edges[bin + 1]!]
      const seed = 100 * Number(values.seed) + 10 * bin + (z === undefined ? 1 : 0)
      const recoils = seenByAll(maker.pairs({ seed, from, to, z, pairs: Number(values.pairs) }))
      const name = z === undefined ? 'whole drift' : `${z} cm`
      process.stdout.write(
        `| ${name} | ${from}-${to} | ${recoils.length} | ${scoreBin(recoils).join(' | ')} |\n`,
      )
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  try {
    main()
  } catch (error) {
    process.stderr.write(`${describeError(error)}\n`)
    process.exitCode = 1
  }
