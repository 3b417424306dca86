import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import {
  clearFaults,
  type FaultKind,
  faultKinds,
  injectFault,
} from '../../../sim/board/flash/inject-fault.ts'
import { GemgateError } from '../../../src/core/errors.ts'
import { Random } from '../../../src/core/random.ts'
import { openBackup } from '../../../src/toolchain/flash/backup-file.ts'
import type { FlashResult } from '../../../src/toolchain/flash/flash-options.ts'
import { flashBoard, restoreBoard } from '../../../src/toolchain/flash/procedure.ts'
import { imageOf, simulatedSetup } from './simulated-setup.ts'

const runs = Number(process.env['GEMGATE_FLASH_RUNS'] ?? 1000)
const folder = await mkdtemp(join(tmpdir(), 'gemgate-faults-'))
afterAll(() => rm(folder, { recursive: true }))

const former = imageOf(0x1111111111111111n, 1)
const next = imageOf(0x2222222222222222n, 2)

const flashSteps = 'connect, back up, erase, write, verify, configure, open link, compare build'.split(', ')

/** Every run must end within this virtual time, whatever happens. */
const longest = 60_000

/** Kinds that do no harm, and kinds that a run can only survive when the fault hits nothing. */
const harmless: readonly FaultKind[] = ['none', 'protection on', 'flash asleep', 'short reads']
const always: readonly FaultKind[] = ['protection locked', 'CDONE stuck low', 'old image boots', 'link dead']

/** Kinds that stop it before the first command that changes the flash. */
const before: readonly FaultKind[] = ['wrong chip', 'protection locked']

test(`${runs} runs with injected faults: no success without the right build, and a way back`, async () => {
  const random = new Random(20)
  const count = new Map<FaultKind, { success: number; failure: number }>()
  const steps = new Set<string>()
  let restored = 0
  let repeated = 0
  let onlyTheLinkKnew = 0
  for (let run = 0; run < runs; run++) {
    const kind = faultKinds[run % faultKinds.length]!
    const second = random.uniform() < 0.2 ? faultKinds[random.integer(faultKinds.length)] : undefined
    const { board, clock, askBuild, options } = simulatedSetup({
      images: [former, next],
      backupFolder: folder,
      seed: run,
    })
    board.chip.memory.set(former.bytes)
    board.cyclePower()
    clock.advance(50)
    const scene = { imageBytes: next.bytes.length, otherImage: former.bytes }
    injectFault(kind, board, random, scene)
    if (second !== undefined) injectFault(second, board, random, scene)
    const began = clock.now()
    const what = `run ${run}: ${kind}${second === undefined ? '' : ` and ${second}`}`
    let result: FlashResult | undefined
    let failure: unknown
    try {
      result = await flashBoard(next, options)
    } catch (error) {
      failure = error
    }
    expect(clock.now() - began, what).toBeLessThan(longest)
    if (second === undefined) {
      const sum = count.get(kind) ?? { success: 0, failure: 0 }
      sum[result === undefined ? 'failure' : 'success']++
      count.set(kind, sum)
    }
    if (result !== undefined) {
      expect(result.build, what).toBe(next.build)
      expect(board.fpga.configuration, what).toBe(next.configuration)
      clearFaults(board)
      expect(await askBuild(), what).toBe(next.build)
      continue
    }
    if (!(failure instanceof GemgateError)) throw failure
    expect(failure.code, what).toBe('GG_FLASH')
    const step = /^step "([a-z ]+)" failed: .*\. The flash of the board /.exec(failure.message)?.[1]
    expect(flashSteps, `${what}: ${failure.message}`).toContain(step)
    steps.add(step!)
    if (step === 'compare build' || step === 'open link') onlyTheLinkKnew++
    // What the message says of the flash is so. Bits that rot by themselves are no doing of the programmer.
    const holds = ({ bytes }: { bytes: Uint8Array }): boolean =>
      Buffer.compare(board.chip.memory.subarray(0, bytes.length), bytes) === 0
    const rot = [kind, second].includes('bit rot before the start')
    if (!rot && failure.message.includes('was not changed')) expect(holds(former), what).toBe(true)
    if (!rot && failure.message.includes('holds the new image')) expect(holds(next), what).toBe(true)
    if (second === undefined && before.includes(kind))
      expect(failure.message, what).toContain('was not changed')
    // The untouched board still runs what it had.
    clearFaults(board)
    board.cyclePower()
    clock.advance(50)
    if (failure.message.includes('was not changed') && !rot)
      expect(board.fpga.configuration, what).toBe(former.configuration)
    const file = /--restore (\S+)$/.exec(failure.remedy)?.[1]
    if (file !== undefined && random.uniform() < 0.5) {
      const backup = await openBackup(file, 'small')
      const back = await restoreBoard(backup, options)
      expect(holds(backup), what).toBe(true)
      // Of a board that did not answer nothing proves that its flash was read right, and the result says so.
      expect(back.build, what).toBe(backup.note.buildId === null ? null : former.build)
      if (back.build !== null) expect(board.fpga.configuration, what).toBe(former.configuration)
      if (back.build !== null) restored++
    } else {
      expect((await flashBoard(next, options)).build, what).toBe(next.build)
      repeated++
    }
    expect(board.chip.busy, what).toBe(false)
  }
  expect([...count.keys()].sort()).toEqual([...faultKinds].sort())
  for (const kind of harmless) expect(count.get(kind), kind).toMatchObject({ failure: 0 })
  for (const kind of always) expect(count.get(kind), kind).toMatchObject({ success: 0 })
  for (const [kind, { failure }] of count)
    if (!harmless.includes(kind)) expect(failure, kind).toBeGreaterThan(0)
  expect(onlyTheLinkKnew).toBeGreaterThan(runs / 20)
  expect(Math.min(restored, repeated)).toBeGreaterThan(runs / 20)
  expect(steps.size).toBeGreaterThanOrEqual(7)
  if (process.env['GEMGATE_FLASH_RUNS'] !== undefined)
    console.log({ count, steps, restored, repeated, onlyTheLinkKnew })
})
