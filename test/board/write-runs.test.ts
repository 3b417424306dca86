import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkWrite } from '../../src/board/register-checks.ts'
import { type RegisterName, registerAddress, registerDeclarations } from '../../src/board/registers.ts'
import { settingsRegisters } from '../../src/board/settings-registers.ts'
import { writeRuns } from '../../src/board/write-runs.ts'
import { smallRun } from '../support/chain.ts'

const writable = registerDeclarations.filter(({ access }) => access !== 'read').map(({ name }) => name)
const nameOf = new Map([...registerAddress].map(([name, address]) => [address, name]))

describe('writeRuns', () => {
  it('does the same writes in the same order, with reset alone', () => {
    const lists = fc.array(fc.tuple(fc.constantFrom(...writable), fc.constantFrom(0, 1)), { maxLength: 40 })
    fc.assert(
      fc.property(lists, (writes) => {
        const done: [RegisterName, number][] = []
        for (const run of writeRuns(writes, checkWrite)) {
          if ('error' in run) throw run.error
          if (run.writes.some(([name]) => name === 'reset')) expect(run.values).toHaveLength(1)
          for (const [i, value] of run.values.entries())
            done.push([nameOf.get(run.address + (run.kind === 'write' ? i : 0))!, value])
        }
        expect(done).toEqual(writes)
      }),
      { numRuns: 500, seed: 4 },
    )
  })

  it('stops at the first mistake, after what stands before it', () => {
    const writes: [RegisterName, number][] = [
      ['link', 1],
      ['frames', 1],
      ['link', 2],
    ]
    const [first, second, ...others] = [...writeRuns(writes, checkWrite)]
    expect(first).toMatchObject({ values: [1] })
    expect(second).toEqual({ error: expect.objectContaining({ code: 'GG_REGISTER' }) })
    expect(others).toEqual([])
  })

  it('takes a dozen requests for all settings with their tables', () => {
    const writes = settingsRegisters(smallRun(1).configuration.settings)
    expect(writes.length).toBeGreaterThan(270)
    expect([...writeRuns(writes, checkWrite)].length).toBeLessThan(16)
  })
})
