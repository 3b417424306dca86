import { GemgateError } from '../../src/core/errors.ts'
import type { GeneratedDesign } from './compiler/generate.ts'
import type { EngineDesign } from './engine.ts'
import { WasmInstance } from './wasm-instance.ts'
import { webAssembly } from './webassembly.ts'

/** A design as plain data, for `postMessage` or `workerData`. */
export type TransferableDesign = GeneratedDesign

/**
 * A compiled design without its functions, so that a worker thread can have it.
 * @throws GemgateError GG_USAGE for an engine that is not `wasm`
 */
export function designForWorker(design: EngineDesign): TransferableDesign {
  if (design.engine !== 'wasm')
    throw new GemgateError(
      'GG_USAGE',
      `a design of the engine '${design.engine}' cannot go to a worker thread`,
      "Compile it with the engine 'wasm', or let the worker compile it.",
    )
  const plain = Object.entries(design).filter(([, value]) => typeof value !== 'function')
  return Object.fromEntries(plain) as unknown as TransferableDesign
}

/** The design that another thread has sent: `new Simulation(await designFromWorker(data))`. */
export async function designFromWorker(data: TransferableDesign): Promise<GeneratedDesign & EngineDesign> {
  const module = await webAssembly.compile(data.wasm)
  return {
    ...data,
    engine: 'wasm',
    cached: true,
    instantiate: (tasks) => new WasmInstance(data, module, tasks),
  }
}
