import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GemgateError } from '../../../src/core/errors.ts'
import { SendQueue } from '../../../src/link/carriers/send-queue.ts'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const lost = new GemgateError('GG_LINK_LOST', 'gone', 'Plug it in.')

describe('SendQueue', () => {
  it('sends everything once, in order, whatever the sizes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 30 }),
        fc.integer({ min: 1, max: 64 }),
        async (chunks, limit) => {
          const sent: number[] = []
          const queue = new SendQueue(async (chunk) => {
            await Promise.resolve()
            sent.push(...chunk)
          }, limit)
          await Promise.all(chunks.map((chunk) => queue.push(chunk)))
          for (let i = 0; i < 10 + 3 * chunks.length; i++) await Promise.resolve()
          expect(sent).toEqual(chunks.flatMap((chunk) => [...chunk]))
        },
      ),
      { numRuns: 50, seed: 1 },
    )
  })

  it('lets writers wait at its limit, and keeps its own copy', async () => {
    const taken: Uint8Array[] = []
    let free = (): void => {}
    const queue = new SendQueue((chunk) => {
      taken.push(chunk)
      return new Promise((resolve) => {
        free = resolve
      })
    }, 4)
    const bytes = new Uint8Array([1, 2, 3, 4])
    await queue.push(bytes)
    bytes.fill(9)
    let second = false
    const waiting = queue.push(bytes).then(() => {
      second = true
    })
    await turn()
    expect([second, taken.length]).toEqual([false, 1])
    expect([...taken[0]!]).toEqual([1, 2, 3, 4])
    free()
    await waiting
    expect(second).toBe(true)
  })

  it('sends nothing more after a failure, and tells everybody', async () => {
    const taken: Uint8Array[] = []
    let free = (): void => {}
    const queue = new SendQueue((chunk) => {
      taken.push(chunk)
      return new Promise((resolve) => {
        free = resolve
      })
    }, 1)
    await queue.push(new Uint8Array([1]))
    const waiting = [queue.push(new Uint8Array([2])), queue.push(new Uint8Array([3]))]
    queue.fail(lost)
    for (const write of waiting) await expect(write).rejects.toBe(lost)
    await expect(queue.push(new Uint8Array([4]))).rejects.toBe(lost)
    free()
    await turn()
    expect(taken).toHaveLength(1)
  })

  it('refuses a caller that does not wait', async () => {
    const queue = new SendQueue(() => new Promise(() => {}), 16)
    const bytes = new Uint8Array(1 << 18)
    const writes = Array.from({ length: 8 }, () =>
      queue.push(bytes).catch((error: GemgateError) => error.code),
    )
    expect(await writes[7]).toBe('GG_STREAM')
  })
})
