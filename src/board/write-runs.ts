import { type RegisterName, registerAddress } from './registers.ts'

/** Register writes that one request can do. */
export interface WriteRun {
  /** Ascending addresses, or all to one. */
  readonly kind: 'write' | 'pulse'
  readonly address: number
  readonly values: readonly number[]
  /** The register of the first write. */
  readonly register: RegisterName
  readonly writes: readonly (readonly [RegisterName, number])[]
}

/**
 * Groups writes, in order, into as few requests as possible. `reset` stands alone. What `check` throws comes as the last
 * element: the writes before it are to be done first.
 */
export function* writeRuns(
  writes: Iterable<readonly [RegisterName, number]>,
  check: (register: RegisterName, value: number) => void,
): Generator<WriteRun | { readonly error: unknown }> {
  let run: (readonly [RegisterName, number])[] = []
  let kind: WriteRun['kind'] = 'write'
  const finished = (): WriteRun => ({
    kind,
    address: registerAddress.get(run[0]![0])!,
    values: run.map(([, value]) => value),
    register: run[0]![0],
    writes: run,
  })
  for (const write of writes) {
    const [register, value] = write
    try {
      check(register, value)
    } catch (error) {
      if (run.length > 0) yield finished()
      yield { error }
      return
    }
    const last = run.at(-1)?.[0]
    const step = last === undefined ? 0 : registerAddress.get(register)! - registerAddress.get(last)!
    const alone = register === 'reset' || last === 'reset'
    const joins =
      last !== undefined &&
      !alone &&
      ((step === 1 && (kind === 'write' || run.length === 1)) ||
        (step === 0 && (kind === 'pulse' || run.length === 1)))
    if (joins) kind = step === 0 ? 'pulse' : 'write'
    else {
      if (run.length > 0) yield finished()
      run = []
      kind = 'write'
    }
    run.push(write)
  }
  if (run.length > 0) yield finished()
}
