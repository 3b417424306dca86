import {
  type AdderGraph,
  type AdderGraphOptions,
  optimiseAdderGraph,
  optimiseAdderGraphInWorker,
  plainAdderGraph,
} from './adder-graph/index.ts'
import type { IntegerGraph } from './graph/integer-graph.ts'
import type { HardwareModule } from './hardware/hardware-module.ts'
import { type Certificate, type ImportOptions, importNetwork } from './import/index.ts'
import type { OnnxModel } from './onnx/onnx-model.ts'
import { type BuildOptions, type BuiltStage, buildStages } from './plan/build-modules.ts'
import { buildChain } from './plan/chain.ts'
import {
  type Architecture,
  type ArchitectureChoice,
  chooseArchitectures,
} from './plan/choose-architecture.ts'
import { type Layer, splitIntoLayers } from './plan/layers.ts'
import { verilogName } from './plan/verilog-names.ts'
import { simplifyGraph, unifyFunctions } from './rewrite/index.ts'
import { type IntegerMatrix, matrixKey } from './unrolled/index.ts'

export interface HardwareOptions extends ArchitectureChoice {
  /** Module name (default: the model's graph name). */
  readonly name?: string
  /** Multiplications that share one multiplier in a folded layer. */
  readonly reuse?: number
  /** Folded layers keep weights and functions in RAM with a write port. */
  readonly reloadable?: boolean
  /** Adders or comparators between two registers of an unrolled layer. */
  readonly levelsPerStage?: number
  /** Search for smaller adder graphs: seed, effort, extra depth, time limit. */
  readonly adderGraphs?: Pick<AdderGraphOptions, 'seed' | 'effort' | 'maxExtraDepth' | 'maxMilliseconds'>
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: CompileProgress) => void
}

export interface CompileProgress {
  readonly matrix: number
  readonly matrices: number
  readonly adders: number
  /** Share of this matrix's search, 0..1. */
  readonly done: number
}

export type CompileOptions = ImportOptions & HardwareOptions

/** A network as hardware, with the reason why it equals its file. */
export interface CompiledNetwork {
  readonly name: string
  /** The specification: `evaluateGraph(graph, inputs)`. */
  readonly graph: IntegerGraph
  readonly certificate: Certificate
  readonly layers: readonly { readonly name: string; readonly architecture: Architecture }[]
  readonly stages: readonly BuiltStage[]
  /** The whole network: one tensor in, one tensor out. */
  readonly module: HardwareModule
}

/**
 * ONNX to SystemVerilog: import with certificate, simplification, one architecture per layer.
 * @throws GemgateError GG_MODEL_FORMAT, GG_MODEL_UNSUPPORTED, GG_MODEL_INEXACT (naming the node and the
 *   remedy), GG_USAGE for an architecture that a layer cannot have, GG_CLOSED when the signal aborts
 */
export async function compileNetwork(
  model: OnnxModel,
  options: CompileOptions = {},
): Promise<CompiledNetwork> {
  const { graph, certificate } = importNetwork(model, options)
  return { certificate, ...(await buildHardware(graph, options)) }
}

/** The hardware of a graph. */
export async function buildHardware(
  graph: IntegerGraph,
  options: HardwareOptions = {},
): Promise<Omit<CompiledNetwork, 'certificate'>> {
  const name = verilogName(options.name ?? graph.name)
  const { graph: simplified, layers, architectures } = planHardware(graph, options)
  const port = simplified.inputs[0]!
  const build = (adderGraph: BuildOptions['adderGraph']): BuiltStage[] =>
    buildStages(layers, architectures, port, {
      name,
      reuse: options.reuse,
      reloadable: options.reloadable,
      levelsPerStage: options.levelsPerStage,
      adderGraph,
    })
  const adderGraphs = await optimiseMatrices(neededMatrices(build), options)
  // Smaller graphs can have other ranges, and those other matrices further on.
  const stages = build(
    (matrix) =>
      adderGraphs.get(matrixKey(matrix)) ?? optimiseAdderGraph(matrix, { ...usualSearch, effort: 0 }),
  )
  const module = buildChain(
    name,
    stages.map((stage) => stage.module),
    describe(simplified, layers, architectures),
  )
  return {
    name,
    graph: simplified,
    layers: layers.map((layer, k) => ({ name: layer.name, architecture: architectures[k]! })),
    stages,
    module,
  }
}

/** The layers of a graph as they will be built. */
export interface HardwarePlan {
  readonly graph: IntegerGraph
  readonly layers: readonly Layer[]
  readonly architectures: readonly Architecture[]
}

/**
 * Decides how a graph will be built, without building it.
 * @throws GemgateError GG_MODEL_UNSUPPORTED for several inputs or outputs and for layers without an
 *   architecture of practical size, GG_USAGE for an architecture that a layer cannot have
 */
export function planHardware(graph: IntegerGraph, options: ArchitectureChoice = {}): HardwarePlan {
  const simplified = simplifyGraph(graph)
  const plan = splitIntoLayers(simplified)
  const architectures = chooseArchitectures(plan, options)
  const folded = plan.flatMap((layer, k) => (architectures[k] === 'folded' ? layer.values : []))
  const unified = unifyFunctions(simplified, new Set(folded))
  return { graph: unified, layers: splitIntoLayers(unified), architectures }
}

/** Least depth: it costs one adder in forty, and saves registers, latency and LUTs. */
const usualSearch = { maxExtraDepth: 0 } as const

/** A dry run with plain graphs tells which matrices the modules need. */
function neededMatrices(
  build: (adderGraph: BuildOptions['adderGraph']) => unknown,
): Map<string, IntegerMatrix> {
  const matrices = new Map<string, IntegerMatrix>()
  build((matrix) => {
    matrices.set(matrixKey(matrix), matrix)
    return plainAdderGraph(matrix)
  })
  return matrices
}

async function optimiseMatrices(
  matrices: ReadonlyMap<string, IntegerMatrix>,
  options: HardwareOptions,
): Promise<Map<string, AdderGraph>> {
  const graphs = new Map<string, AdderGraph>()
  for (const [key, matrix] of matrices) {
    const common = {
      ...usualSearch,
      ...options.adderGraphs,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    }
    const onProgress = ({ adders, done }: { adders: number; done: number }): void =>
      options.onProgress?.({ matrix: graphs.size, matrices: matrices.size, adders, done })
    graphs.set(
      key,
      matrix.values.length < 64
        ? optimiseAdderGraph(matrix, { ...common, onProgress })
        : await optimiseAdderGraphInWorker(matrix, { ...common, onProgress }),
    )
  }
  return graphs
}

function describe(
  graph: IntegerGraph,
  layers: readonly Layer[],
  architectures: readonly Architecture[],
): string {
  const printable = graph.name.replace(/[^\x20-\x7e]/g, '?')
  const parts = layers.map((layer, k) => `${verilogName(layer.name)} ${architectures[k]}`)
  return `network '${printable}': ${parts.join(', ')}.`
}
