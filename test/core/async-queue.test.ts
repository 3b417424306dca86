import { describe, expect, it } from 'vitest'
import { AsyncQueue } from '../../src/core/async-queue.ts'

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('AsyncQueue', () => {
  it('delivers in order and holds the producer back at its capacity', async () => {
    const queue = new AsyncQueue<number>(2)
    let pushed = 0
    const producer = (async () => {
      for (let i = 0; i < 10; i++) {
        await queue.push(i)
        pushed++
      }
      queue.close()
    })()
    await tick()
    expect(pushed).toBe(2)
    const received: number[] = []
    for await (const item of queue) received.push(item)
    await producer
    expect(received).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  it('wakes a waiting consumer at close', async () => {
    const queue = new AsyncQueue<number>(1)
    const next = queue.iterate().next()
    queue.close()
    expect((await next).done).toBe(true)
  })

  it('refuses what is pushed after close, also when it waits already', async () => {
    const queue = new AsyncQueue<number>(1)
    await queue.push(1)
    const waiting = queue.push(2)
    queue.close()
    await expect(waiting).rejects.toMatchObject({ code: 'GG_CLOSED' })
  })

  it('ends a waiting side when its signal is aborted', async () => {
    const queue = new AsyncQueue<number>(1)
    const abort = new AbortController()
    const next = queue.iterate(abort.signal).next()
    abort.abort(new Error('enough'))
    await expect(next).rejects.toThrow('enough')
    await queue.push(1)
    const waiting = queue.push(2, abort.signal)
    await expect(waiting).rejects.toThrow('enough')
  })
})
