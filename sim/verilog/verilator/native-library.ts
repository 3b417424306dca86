import { GemgateError } from '../../../src/core/errors.ts'
import type { ModelCalls } from './model-instance.ts'

/** Makes new instances of the model in a shared library; the ports take so many words. */
export type StartModel = (words: number) => ModelCalls

/** Room for reports that are taken at once. */
export const reportBytes = 1 << 14

/**
 * Loads a shared library made of a model. It stays loaded until the process ends.
 * @throws GemgateError GG_TOOL_MISSING without the package koffi, GG_VERILATOR if the library cannot be loaded
 */
export async function loadLibrary(path: string): Promise<StartModel> {
  const { default: koffi } = await import('koffi').catch((cause: unknown) => {
    throw new GemgateError(
      'GG_TOOL_MISSING',
      "the engine 'verilator' needs the package koffi, which cannot be loaded",
      "Run npm install koffi@3, or use the engine 'verilator-wasm'.",
      { cause },
    )
  })
  const library = open(() => koffi.load(path), path)
  const create = library.func('void *gemgate_create(int32_t *words)')
  const run = library.func('uint32_t gemgate_run(void *design, uint32_t cycles)')
  const settle = library.func('void gemgate_settle(void *design)')
  const reset = library.func('void gemgate_reset(void *design)')
  const reports = library.func('uint32_t gemgate_reports(void *design, uint8_t *buffer, uint32_t size)')
  const destroy = library.func('void gemgate_destroy(void *design)')
  return (count) => {
    // the buffer lives outside the heap of JavaScript: it stays where it is as long as it is referred to
    const words = new Int32Array(new ArrayBuffer(Math.max(4 * count, 128)))
    const buffer = new Uint8Array(new ArrayBuffer(reportBytes))
    const design = create(words) as unknown
    return {
      words,
      run: (cycles) => run(design, cycles) as number,
      settle: () => settle(design),
      reset: () => reset(design),
      reports: () => buffer.subarray(0, reports(design, buffer, reportBytes) as number),
      destroy: () => destroy(design),
    }
  }
}

function open<T>(load: () => T, path: string): T {
  try {
    return load()
  } catch (cause) {
    throw new GemgateError(
      'GG_VERILATOR',
      `the library of the model cannot be loaded: ${cause instanceof Error ? cause.message : cause}`,
      'Build it on this machine: pass another cache folder.',
      { file: path, cause },
    )
  }
}
