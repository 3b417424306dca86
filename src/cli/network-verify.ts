import { SimulatedNetwork } from '../../sim/network/simulated-network.ts'
import { GemgateError } from '../core/errors.ts'
import type { CompiledNetwork } from '../network/compile.ts'
import { evaluateGraph } from '../network/graph/evaluate-graph.ts'
import type { OnnxModel } from '../network/onnx/onnx-model.ts'
import { type Oracle, openOracle } from '../network/oracle/oracle.ts'
import { testInputs } from '../network/plan/test-vectors.ts'

/** How often three computations of the same network differ. */
export interface Verification {
  readonly inputs: number
  /** Elements of the output in which specification, Verilog and oracle are not all equal. */
  readonly differences: number
  /** The oracle that was asked, or why none was. */
  readonly against: string
}

/** Inputs that go through the simulation at a stretch. */
const portion = 50

/** Runs edge and random inputs through the specification, the simulated Verilog and the oracle. */
export async function verifyNetwork(
  model: OnnxModel,
  network: CompiledNetwork,
  count: number,
  signal?: AbortSignal,
): Promise<Verification> {
  const { graph, module, certificate } = network
  const inputs = testInputs(graph, count, 2)
  const shape = (port: { readonly value: number } | undefined) => graph.values[port!.value]!.shape
  const simulated = await SimulatedNetwork.open(module, shape(graph.inputs[0]), shape(graph.outputs[0]))
  const behaviour = { bubbles: 0.1, stalls: 0.1 }
  const outputs: Float64Array[] = []
  for (let n = 0; n < count; n += portion) {
    outputs.push(...simulated.run(inputs.slice(n, n + portion), { ...behaviour, seed: 3 + n }).outputs)
    // Signals arrive between portions only.
    await new Promise(setImmediate)
    signal?.throwIfAborted()
  }
  const oracle = await openOracle(model, graph, certificate).catch(withoutRuntime)
  let differences = 0
  for (const [n, input] of inputs.entries()) {
    if (n % portion === 0) {
      await new Promise(setImmediate)
      signal?.throwIfAborted()
    }
    const specified = evaluateGraph(graph, [input])[0]!
    const asked = 'evaluate' in oracle ? await oracle.evaluate(input) : specified
    specified.forEach((element, i) => {
      if (element !== outputs[n]![i] || element !== asked[i]) differences++
    })
  }
  if ('evaluate' in oracle) await oracle[Symbol.asyncDispose]()
  return { inputs: count, differences, against: oracle.description }
}

function withoutRuntime(error: unknown): Pick<Oracle, 'description'> {
  if (error instanceof GemgateError && error.code === 'GG_DEVICE_UNAVAILABLE')
    return { description: `no oracle (${error.message})` }
  throw error
}
