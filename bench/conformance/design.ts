import { performance } from 'node:perf_hooks'
import {
  compareEngines,
  compileVerilog,
  type EngineDesign,
  type EngineName,
  type VerilogOptions,
} from '../../sim/verilog/index.ts'
import { describeError, GemgateError } from '../../src/core/errors.ts'

export interface DesignRun {
  readonly top?: string | undefined
  readonly clock?: string | undefined
  readonly include: string[]
  /** `NAME` or `NAME=VALUE`. */
  readonly define: readonly string[]
  /** `NAME=VALUE`. */
  readonly parameter: readonly string[]
  readonly seed: number
  readonly cycles: number
  /** The engine to compare with. */
  readonly engine: string
}

/** Runs one design through our engine and another one; writes one line with the result. */
export async function conformDesign(
  sources: readonly string[],
  run: DesignRun,
  write: (line: unknown) => void,
): Promise<boolean> {
  const { top, clock, include, seed, cycles, engine } = run
  const options: VerilogOptions = {
    ...(top === undefined ? {} : { top }),
    ...(clock === undefined ? {} : { clock }),
    include,
    defines: Object.fromEntries(run.define.map((text) => pair(text))),
    parameters: Object.fromEntries(run.parameter.map((text) => pair(text))) as Record<
      string,
      number | string
    >,
  }
  try {
    const own = await compileVerilog(sources, { ...options, engine: 'wasm' })
    const theirs = await compileVerilog(sources, { ...options, engine: engine as EngineName })
    const result = compareEngines(own, theirs, { seed, cycles })
    const speeds = { own: cyclesPerSecond(own), theirs: cyclesPerSecond(theirs) }
    write({ design: own.top, ...result, cyclesPerSecond: speeds })
    return result.difference === undefined
  } catch (error) {
    if (!(error instanceof GemgateError)) throw error
    write({ sources, refused: describeError(error) })
    return false
  }
}

function pair(text: string): [string, number | string | true] {
  const at = text.indexOf('=')
  if (at < 0) return [text, true]
  const value = text.slice(at + 1)
  return [text.slice(0, at), /^\d+$/.test(value) ? Number(value) : value]
}

const resetName = /(^|_)a?s?(rst|reset)|(rst|reset)(_?n)?$/i
const lowName = /n(_?i)?$|_b$/i

/** Cycles of the main clock with inputs that change every 100 cycles, for about half a second. */
function cyclesPerSecond(design: EngineDesign): number {
  const instance = design.instantiate({ print() {}, violated: () => false, finish() {} })
  const inputs = design.ports.filter(({ direction, clock }) => direction === 'input' && !clock)
  let cycles = 0
  const start = performance.now()
  for (let round = 1; performance.now() - start < 500; round++) {
    for (const { name, word, width } of inputs)
      instance.words[word] = resetName.test(name)
        ? Number(lowName.test(name))
        : (Math.imul(round + word, 2654435761) >>> 7) & (width >= 25 ? -1 : 2 ** width - 1)
    cycles += instance.run(100)
  }
  const seconds = (performance.now() - start) / 1000
  instance.close()
  return Math.round(cycles / seconds)
}
