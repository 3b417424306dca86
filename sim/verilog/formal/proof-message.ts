import type { CheckInfo } from '../engine.ts'
import type { Proof } from './proof.ts'
import type { Verdict } from './proof-task.ts'

/** What happened, for people. */
export function proofMessage(
  { k, asserts, counterexample }: Omit<Proof, 'message'>,
  rest: Verdict | undefined,
): string {
  const failed = asserts.filter(({ status }) => status === 'failed')
  const left = asserts.length - failed.length
  const these = left === 1 ? '1 assert' : `${left} asserts`
  const lines = failed.map(
    (check) => `assert ${check.name} fails in cycle ${check.counterexample!.cycle}${placeOf(check)}`,
  )
  if (counterexample) lines.push(counterexample.table())
  if (rest?.status === 'proven') lines.push(`${these} proven by induction of length ${k}`)
  if (rest?.status === 'bounded')
    lines.push(
      `${these} hold${left === 1 ? 's' : ''} for ${rest.depth} cycles; no induction up to that length closes`,
    )
  if (rest?.status === 'stopped')
    lines.push(`the time ran out; ${these} hold${left === 1 ? 's' : ''} for ${rest.depth} cycles`)
  if (rest?.status === 'spurious')
    lines.push(
      `${these} hold${left === 1 ? 's' : ''} for ${rest.depth} cycles; further what is set free would have to be known`,
    )
  return lines.join('\n')
}

function placeOf({ file, line }: CheckInfo): string {
  return file === undefined ? '' : ` (${file}${line === undefined ? '' : `:${line}`})`
}
