import { GemgateError } from '../../../src/core/errors.ts'
import { webAssembly } from '../webassembly.ts'
import type { StartModel } from './native-library.ts'
import { reportBytes } from './native-library.ts'
import { noSystem } from './wasi.ts'

type Call = (...values: number[]) => number

/** Makes instances of a model in WebAssembly; each has a memory of its own. */
export async function loadWasm(bytes: Uint8Array): Promise<StartModel> {
  const module = await webAssembly.compile(bytes)
  return (count) => {
    let memory: { readonly buffer: ArrayBuffer } | undefined
    const system = noSystem(() => memory!.buffer)
    const { exports } = new webAssembly.Instance(module, { wasi_snapshot_preview1: system })
    memory = exports['memory'] as { readonly buffer: ArrayBuffer }
    const call = (name: string) => exports[name] as Call
    call('_initialize')()
    const allocate = call('gemgate_allocate')
    const place = allocate(4 * count)
    const buffer = allocate(reportBytes)
    const design = call('gemgate_create')(place)
    if (place === 0 || buffer === 0 || design === 0)
      throw new GemgateError(
        'GG_VERILATOR',
        'the model does not fit the memory of a WebAssembly module',
        'Use the engine `verilator`.',
      )
    const [run, settle, reset] = ['gemgate_run', 'gemgate_settle', 'gemgate_reset'].map(call) as [
      Call,
      Call,
      Call,
    ]
    const reports = call('gemgate_reports')
    return {
      words: new Int32Array(memory.buffer, place, count),
      run: (cycles) => run(design, cycles) >>> 0,
      settle: () => void settle(design),
      reset: () => void reset(design),
      reports: () => new Uint8Array(memory!.buffer, buffer, reports(design, buffer, reportBytes)),
      destroy: () => void call('gemgate_destroy')(design),
    }
  }
}
