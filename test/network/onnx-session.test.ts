import { describe, expect, it } from 'vitest'
import { GemgateError } from '../../src/core/errors.ts'
import { buildDenseOnnx, openOnnxSession } from '../../src/network/index.ts'
import { recoilSpec } from './random-network.ts'

const runtime = await import('onnxruntime-node').then(
  () => true,
  () => false,
)

async function codeOf(action: () => Promise<unknown>): Promise<string> {
  try {
    await action()
  } catch (error) {
    return error instanceof GemgateError ? error.code : String(error)
  }
  return 'none'
}

describe.skipIf(runtime)(`without onnxruntime-node${runtime ? ' (SKIPPED: it is installed)' : ''}`, () => {
  it('says how to install it', async () => {
    expect(await codeOf(() => openOnnxSession(buildDenseOnnx(recoilSpec(1))))).toBe('GG_DEVICE_UNAVAILABLE')
  })
})

const title = runtime ? 'a session' : 'a session (SKIPPED: onnxruntime-node is not installed)'
describe.skipIf(!runtime)(title, () => {
  it('runs batches of any size', async () => {
    await using session = await openOnnxSession(buildDenseOnnx(recoilSpec(1)))
    expect(session.version).toMatch(/^\d+\.\d+/)
    for (const rows of [1, 2, 33])
      expect((await session.run(new Int8Array(9 * rows), rows)).length).toBe(3 * rows)
  })

  it('refuses damaged files and wrong vectors with typed errors', async () => {
    expect(await codeOf(() => openOnnxSession(Uint8Array.of(1, 2, 3)))).toBe('GG_MODEL_FORMAT')
    await using session = await openOnnxSession(buildDenseOnnx(recoilSpec(1)))
    expect(await codeOf(() => session.run(new Int8Array(8), 1))).toBe('GG_MODEL_UNSUPPORTED')
    expect(await codeOf(() => session.run(new Uint8Array(9), 1))).toBe('GG_MODEL_UNSUPPORTED')
    expect(await codeOf(() => session.run(new Int8Array(0), 0))).toBe('GG_MODEL_UNSUPPORTED')
  })
})
