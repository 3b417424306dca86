/**
 * Setup file for vitest: matchers for designs under test, and waveforms of every design of a failed test, in its message
 * and as VCD files in `.cache/gemgate/waves`.
 */
import { join } from 'node:path'
import { afterAll, beforeEach, expect } from 'vitest'
import { onSimulationStarted } from '../waveform/started.ts'
import { FailedTests } from './failed-tests.ts'
import { designMatchers, type Outputs, type ReachOptions } from './matchers.ts'
import type { GivenItems } from './stream-matcher.ts'

/** A large design is compiled once more for its VCD file. */
const reportTimeout = 120_000

declare module 'vitest' {
  // biome-ignore lint/suspicious/noExplicitAny: declarations that merge must have the same type parameters
  interface Matchers<T = any> {
    /** The outputs of the design have these values. */
    toOutput(outputs: Outputs): void
    /** A register of the design has this value, by its hierarchical name. */
    toHaveRegister(name: string, value: number | bigint | boolean): void
    /** The stream gave these items: those of its first data port, or columns by port name. */
    toGive(items: GivenItems): void
    /** Clocks the design until its outputs have these values. */
    toReach(outputs: Outputs, options?: ReachOptions): Promise<void>
  }
}

expect.extend(designMatchers)

const tests = new FailedTests(join(process.cwd(), '.cache', 'gemgate', 'waves'))
onSimulationStarted((simulation) => tests.started(simulation))
afterAll(() => onSimulationStarted(undefined))

beforeEach(({ task, onTestFailed, onTestFinished }) => {
  tests.begin(task)
  onTestFinished(() => {
    if (task.result?.state !== 'fail') tests.end(task)
  })
  onTestFailed(async () => {
    await tests.report(task)
    tests.end(task)
  }, reportTimeout)
})
