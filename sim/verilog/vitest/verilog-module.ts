import { compileVerilog, type VerilogOptions } from '../compile.ts'
import { type AnyPorts, type Dut, type DutOptions, type PortTypes, simulate } from '../dut.ts'
import type { EngineDesign } from '../engine.ts'
import type { Proof } from '../formal/proof.ts'
import type { ProveOptions } from '../formal/proof-options.ts'
import type { SimulationOptions } from '../simulation.ts'

/** What an imported module is compiled with, besides its own files. */
export interface ModuleOptions<Parameters> extends Omit<VerilogOptions, 'top' | 'parameters'> {
  /** Parameters of the module; the others keep their defaults. */
  parameters?: Partial<Parameters>
}

export interface ModuleProof<Parameters> extends Omit<ProveOptions, 'top' | 'parameters'> {
  parameters?: Partial<Parameters>
}

/** A module of a SystemVerilog file, as `import Counter from './counter.sv'` gives it. */
export interface VerilogModule<
  P extends PortTypes = AnyPorts,
  Parameters = Record<string, number | bigint | string>,
> {
  /** The name of the module. */
  readonly top: string
  /** Paths of its file and of those of the modules in it, in the order of compilation. */
  readonly sources: readonly string[]
  /** Compiles the module, once for each set of parameters, and starts it. */
  simulate(options?: ModuleOptions<Parameters> & SimulationOptions & DutOptions): Promise<Dut<P>>
  compile(options?: ModuleOptions<Parameters>): Promise<EngineDesign>
  /** Proves the asserts of the module, as `prove` does. */
  prove(options?: ModuleProof<Parameters>): Promise<Proof>
}

/** The module behind an import; `defaults` come from the plugin. */
export function verilogModule(
  top: string,
  sources: readonly string[],
  defaults: Pick<VerilogOptions, 'include' | 'defines'>,
): VerilogModule {
  const complete = <Options extends Given>({ parameters = {}, ...options }: Options) => ({
    ...options,
    top,
    include: [...(options.include ?? []), ...(defaults.include ?? [])],
    defines: { ...defaults.defines, ...options.defines },
    parameters: Object.fromEntries(definedEntries(parameters)),
  })
  return {
    top,
    sources,
    simulate: (options = {}) => simulate(sources, complete(options)),
    compile: (options = {}) => compileVerilog(sources, complete(options)),
    prove: async (options = {}) => (await import('../formal/prove.ts')).prove(sources, complete(options)),
  }
}

type Value = number | bigint | string
type Given = Pick<VerilogOptions, 'include' | 'defines'> & { parameters?: Partial<Record<string, Value>> }

function definedEntries(parameters: Partial<Record<string, Value>>): [string, Value][] {
  return Object.entries(parameters).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))
}
