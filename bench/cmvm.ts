import {
  type AdderGraph,
  type AdderGraphOptions,
  adderBits,
  adderCount,
  adderDepth,
  computes,
  type InputRange,
  optimiseAdderGraph,
} from '../src/network/adder-graph/index.ts'
import { adderGraphModule } from '../src/network/adder-graph/verilog-module.ts'
import { synthesize } from '../src/toolchain/synthesize.ts'
import { type BenchMatrix, jetTaggerMatrices, randomMatrices, randomMatrix } from './cmvm-matrices.ts'

/** One measured adder graph; it was checked to compute its matrix exactly. */
export interface CmvmResult {
  readonly name: string
  readonly rows: number
  readonly cols: number
  readonly bits: number
  readonly seed: number | null
  /** Depth allowed above the least possible one; null is unlimited. */
  readonly maxExtraDepth: number | null
  readonly adders: number
  readonly adderBits: number
  readonly depth: number
  /** Processor time of one thread after warm-up. */
  readonly seconds: number
  /**
   * LUTs by Yosys (`synth_xilinx -family xc7 -nodsp`, combinational, inverters not counted); null where not
   * measured: it takes up to minutes, and only option `luts` asks for the 16x16 matrices and the jet tagger.
   */
  readonly xc7Luts: number | null
}

/** A result with the mean of da4ml for its group of matrices. */
export interface CmvmComparison extends CmvmResult {
  readonly group: string
  readonly da4ml: number | null
}

export interface CmvmOptions {
  readonly luts?: boolean
  /** All random matrices of the table, not only the anchors. */
  readonly all?: boolean
  readonly effort?: number
  readonly onResult?: (result: CmvmComparison) => void
}

/** Adder graphs for the matrices with published figures; `jetTagger` says whether its file was there. */
export async function benchCmvm(
  options: CmvmOptions = {},
): Promise<{ matrices: CmvmComparison[]; jetTagger: boolean }> {
  optimiseAdderGraph(randomMatrix(16, 16, 8, 99), { effort: 3 })
  const jet = jetTaggerMatrices()
  const matrices: CmvmComparison[] = []
  for (const matrix of [...(jet ?? []), ...randomMatrices(options.all === true)]) {
    for (const [at, extraDepth] of matrix.extraDepths.entries()) {
      const result = await measure(matrix, extraDepth, matrix.da4ml[at] ?? null, options)
      matrices.push(result)
      options.onResult?.(result)
    }
  }
  return { matrices, jetTagger: jet !== undefined }
}

async function measure(
  { name, matrix, bits, seed, input, group }: BenchMatrix,
  maxExtraDepth: number | null,
  da4ml: number | null,
  { luts, effort }: CmvmOptions,
): Promise<CmvmComparison> {
  const inputs = Array.from({ length: matrix.rows }, () => input)
  const search: AdderGraphOptions = {
    inputs,
    ...(effort === undefined ? {} : { effort }),
    ...(maxExtraDepth === null ? {} : { maxExtraDepth }),
  }
  const before = process.cpuUsage()
  const graph = optimiseAdderGraph(matrix, search)
  const seconds = process.cpuUsage(before).user / 1e6
  if (!computes(graph, matrix)) throw new Error(`the adder graph of ${name} computes another matrix`)
  const small = seed === null || (matrix.rows === 16 && matrix.columns === 16)
  return {
    name,
    rows: matrix.rows,
    cols: matrix.columns,
    bits,
    seed,
    maxExtraDepth,
    adders: adderCount(graph),
    adderBits: adderBits(graph, inputs),
    depth: adderDepth(graph),
    seconds,
    xc7Luts: luts === true && small ? await xc7Luts(graph, inputs) : null,
    group,
    da4ml,
  }
}

async function xc7Luts(graph: AdderGraph, inputs: readonly InputRange[]): Promise<number> {
  const files = new Map([['cmvm.v', adderGraphModule(graph, inputs, 'cmvm')]])
  const { cells } = await synthesize(files, 'cmvm', 'xc7', { flags: '-nodsp' })
  return Object.entries(cells).reduce((sum, [type, count]) => sum + (/^LUT[1-6]$/.test(type) ? count : 0), 0)
}
