import type { CheckInfo } from '../engine.ts'
import { Counterexample } from './counterexample.ts'
import type { CoverStatus, Proof, ProofStatus, ProvenAssert, Reachability } from './proof.ts'
import { proofMessage } from './proof-message.ts'
import type { ProveOptions } from './proof-options.ts'
import type { Verdict } from './proof-task.ts'
import { runProof } from './run-proof.ts'

/**
 * Proves the asserts of a design under its assumes: runs from the start up to a depth, and induction. The sources are
 * read as for `compileVerilog`, with `FORMAL` defined.
 * @throws GemgateError GG_USAGE, GG_VERILOG_PARSE, GG_VERILOG_UNSUPPORTED, GG_FILE_NOT_FOUND as `compileVerilog` does;
 *   GG_USAGE without an assert, GG_PORT without that reset input, GG_ASSERTION if the assumes contradict each other; the
 *   reason of the signal when it aborts
 */
export async function prove(sources: string | readonly string[], options: ProveOptions = {}): Promise<Proof> {
  const start = performance.now()
  const { checks, reached, rest, cached, restart } = await runProof('assert', sources, options)
  const examples = new Map(reached.map((found) => [keyOf(found.check), new Counterexample(found, restart)]))
  const asserts = checks.map((check): ProvenAssert => {
    const counterexample = examples.get(keyOf(check))
    if (counterexample) return { ...check, status: 'failed', counterexample }
    return { ...check, status: statusOf(rest) }
  })
  const status = reached.length > 0 ? 'failed' : statusOf(rest)
  const [counterexample] = examples.values()
  const proof = {
    status,
    depth: counterexample?.cycle ?? rest?.depth ?? 0,
    k: rest?.k ?? 0,
    asserts,
    seconds: (performance.now() - start) / 1000,
    cached,
    ...(rest?.stuck === undefined ? {} : { stuck: rest.stuck }),
    ...(counterexample === undefined ? {} : { counterexample }),
  }
  return { ...proof, message: proofMessage(proof, rest) }
}

/**
 * Finds runs that make the cover statements of a design come true, the shortest ones. Options and errors as for `prove`.
 */
export async function reach(
  sources: string | readonly string[],
  options: ProveOptions = {},
): Promise<Reachability> {
  const start = performance.now()
  const { checks, reached, rest, restart } = await runProof('cover', sources, options)
  const witnesses = new Map(reached.map((found) => [keyOf(found.check), new Counterexample(found, restart)]))
  const names: Record<ProofStatus, CoverStatus> = {
    proven: 'unreachable',
    bounded: 'bounded',
    failed: 'reached',
    unknown: 'unknown',
  }
  const covers = checks.map((check) => {
    const witness = witnesses.get(keyOf(check))
    return witness
      ? { ...check, status: 'reached' as const, witness }
      : { ...check, status: names[statusOf(rest)] }
  })
  return { covers, depth: rest?.depth ?? 0, seconds: (performance.now() - start) / 1000 }
}

function keyOf({ name, file, line }: CheckInfo): string {
  return `${name} ${file}:${line}`
}

function statusOf(rest: Verdict | undefined): ProofStatus {
  if (rest?.status === 'proven') return 'proven'
  return rest !== undefined && rest.depth > 0 ? 'bounded' : 'unknown'
}
