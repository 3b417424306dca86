import { type Proof, type ProveOptions, prove, type Reachability, reach } from '../../../sim/verilog/index.ts'
import { hdlFiles } from './hdl-files.ts'
import { streamHarness } from './stream-harness.ts'
import type { StreamProof } from './stream-proofs.ts'

const rules = ['test/hdl/proofs/stream_rules.sv', 'test/hdl/proofs/beat_order.sv']

export interface ModuleProofOptions {
  /** Files of the module under other contents, by path. */
  readonly changed?: Readonly<Record<string, string>>
  readonly depth?: number
  readonly induction?: number
}

/**
 * Proves a module of hdl/ in its harness: from any state, after one clock of reset, which may come again at any time.
 */
export function proveModule(
  module: string,
  proof: StreamProof,
  options: ModuleProofOptions = {},
): Promise<Proof> {
  return prove(...inHarness(module, proof, options))
}

/** Finds runs of the harness that stall its streams and bring the marked beat: the assumptions leave room for them. */
export function reachInModule(module: string, proof: StreamProof, depth: number): Promise<Reachability> {
  return reach(...inHarness(module, proof, { depth, induction: 0 }))
}

function inHarness(
  module: string,
  { parameters = {}, free = [], freeMemories = 0, ...harness }: StreamProof,
  { changed = {}, depth = 3, induction = depth }: ModuleProofOptions,
): [string[], ProveOptions] {
  const name = `proof_${module}.sv`
  const sources = hdlFiles(module).map((path) => (path in changed ? `changed/${path}` : path))
  const replaced = Object.entries(changed).map(([path, text]) => [`changed/${path}`, text] as const)
  const options: ProveOptions = {
    top: `proof_${module}`,
    files: { [name]: streamHarness(module, harness), ...Object.fromEntries(replaced) },
    initial: 'any',
    depth,
    induction,
    parameters,
    free,
    freeMemories,
  }
  return [[name, ...rules, ...sources], options]
}
