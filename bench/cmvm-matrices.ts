import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../src/core/package-root.ts'
import { defaultInput, type InputRange } from '../src/network/adder-graph/adder-graph.ts'
import type { ConstantMatrix } from '../src/network/adder-graph/matrix.ts'
import { readOnnx } from '../src/network/onnx/onnx-read.ts'
import { tensorValues } from '../src/network/onnx/onnx-tensor.ts'

/** A matrix to measure, with what da4ml needs for it (adders by extra depth, where known). */
export interface BenchMatrix {
  readonly name: string
  readonly matrix: ConstantMatrix
  readonly bits: number
  readonly seed: number | null
  readonly input: InputRange
  /** Depths above the least to measure; null is unlimited. */
  readonly extraDepths: readonly (number | null)[]
  /** Mean of da4ml over the seeds of this group, per entry of `extraDepths`. */
  readonly da4ml: readonly (number | null)[]
  /** Figures with the same group are averaged. */
  readonly group: string
}

/** mulberry32, as in the measurements of da4ml. */
function mulberry32(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** Row-major, entries `floor(u 2^bits) - 2^(bits - 1)`. */
export function randomMatrix(rows: number, columns: number, bits: number, seed: number): ConstantMatrix {
  const random = mulberry32(seed)
  const values = Int32Array.from(
    { length: rows * columns },
    () => Math.floor(random() * 2 ** bits) - 2 ** (bits - 1),
  )
  return { rows, columns, values }
}

function random(
  [rows, columns, bits]: readonly [number, number, number],
  seeds: readonly number[],
  extraDepths: readonly (number | null)[],
  da4ml: readonly number[],
): BenchMatrix[] {
  const group = `${rows}x${columns}, ${bits} bit`
  return seeds.map((seed) => ({
    name: `${group}, seed ${seed}`,
    matrix: randomMatrix(rows, columns, bits, seed),
    bits,
    seed,
    input: defaultInput,
    extraDepths,
    da4ml,
    group,
  }))
}

/** The anchors; with `all` every random matrix of the table in fpga-ml.md 4.1. */
export function randomMatrices(all: boolean): BenchMatrix[] {
  const anchors = [
    ...random([16, 16, 8], [1, 2, 3], [null, 0], [364.3, 396.3]),
    ...random([32, 32, 8], [1, 2, 3], [null, 0], [1323, 1430]),
    ...random([64, 64, 8], [1], [null, 0], [4825, 5182]),
  ]
  if (!all) return anchors
  return [
    ...anchors,
    ...random([8, 8, 8], [1, 2, 3], [null, 0], [100, 107.3]),
    ...random([16, 16, 4], [1, 2, 3], [null, 0], [198, 216.7]),
    ...random([16, 16, 6], [1, 2, 3], [null, 0], [286.3, 312]),
    ...random([32, 32, 4], [1, 2, 3], [null, 0], [745.7, 799.3]),
    ...random([32, 32, 6], [1, 2, 3], [null, 0], [1039, 1130.3]),
    ...random([64, 64, 4], [1], [null, 0], [2724, 2905]),
    ...random([16, 64, 6], [1], [null, 2], [967, 1009]),
    ...random([64, 32, 6], [1], [null, 2], [2012, 2026]),
    ...random([32, 5, 6], [1], [null, 2], [184, 184]),
  ]
}

const jetTagger = join(packageRoot, '../shared/models/qonnx_zoo/jettagging/qkeras_jettagging.onnx')

/** Layers of the 6-bit jet tagger: constant, input range, extra depth and adders of da4ml. */
const jetLayers: readonly [string, InputRange, number | null, number][] = [
  ['Quant_6_param0', { min: -512, max: 511 }, null, 700],
  ['Quant_4_param0', { min: 0, max: 63 }, null, 950],
  ['Quant_2_param0', { min: 0, max: 63 }, 2, 583],
  ['Quant_0_param0', { min: 0, max: 63 }, null, 158],
]

/** The weights of the jet tagger as signed 6-bit integers, scale 2^-5; undefined where the file is not there. */
export function jetTaggerMatrices(): BenchMatrix[] | undefined {
  if (!existsSync(jetTagger)) return undefined
  const { initializers } = readOnnx(readFileSync(jetTagger)).graph
  return jetLayers.map(([constant, input, extraDepth, da4ml]) => {
    const tensor = initializers.find(({ name }) => name === constant)!
    const [rows = 0, columns = 0] = tensor.dims
    const values = tensorValues(tensor).map((value) => Math.min(31, Math.max(-32, roundHalfEven(value * 32))))
    const name = `jet tagger ${rows}x${columns}`
    const matrix = { rows, columns, values }
    return {
      name,
      matrix,
      bits: 6,
      seed: null,
      input,
      extraDepths: [extraDepth],
      da4ml: [da4ml],
      group: name,
    }
  })
}

function roundHalfEven(value: number): number {
  const low = Math.floor(value)
  const rest = value - low
  return rest < 0.5 || (rest === 0.5 && low % 2 === 0) ? low : low + 1
}
