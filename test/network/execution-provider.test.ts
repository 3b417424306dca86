import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { buildDenseOnnx, openOnnxSession } from '../../src/network/index.ts'
import { explainFailure, placementOf } from '../../src/network/onnx/execution-provider.ts'
import { probeProvider } from '../../src/network/onnx/probe-provider.ts'
import { recoilSpec } from './random-network.ts'

const runtime = await import('onnxruntime-node').then(
  () => true,
  () => false,
)

describe('explainFailure', () => {
  // As ONNX Runtime 1.30.0 and the loader of Linux say it; the first and third were seen without a GPU.
  it.each([
    [
      "Warning: Couldn't load Vulkan: libvulkan.so.1: cannot open shared object file: No such file or directory\nFailed to get a WebGPU adapter: No supported adapters",
      'there is no Vulkan loader (libvulkan.so.1 is missing)',
    ],
    [
      'x.cc:136 Failed to get a WebGPU adapter: No supported adapters\n',
      /no graphics adapter \(No supported/,
    ],
    [
      'Failed to load library /a/libonnxruntime_providers_shared.so with error: /a/libonnxruntime_providers_shared.so: cannot open shared object file: No such file or directory',
      /not in this installation.*\(libonnxruntime_providers_shared\.so is missing\)/,
    ],
    [
      'Failed to load library /a/libonnxruntime_providers_cuda.so with error: libcublasLt.so.12: cannot open shared object file: No such file or directory',
      'a library that the provider needs is missing: libcublasLt.so.12',
    ],
    [
      'Failed to load library /a/libonnxruntime_providers_cuda.so with error: libcuda.so.1: cannot open shared object file',
      /no NVIDIA driver/,
    ],
    ['CUDA failure 100: no CUDA-capable device is detected ; GPU=0', /found no NVIDIA GPU/],
    ['no available backend found. ERR: [coreml] backend not found.', /does not contain the provider coreml/],
    ["Cannot find package 'onnxruntime-node' imported from /x", 'onnxruntime-node is not installed'],
    ['\n  something new \nmore', 'something new'],
    ['', /without a message/],
  ])('reads %j', (text, reason) => {
    const found = explainFailure(text)
    expect(found.reason).toMatch(reason)
    expect(found.remedy).toMatch(/\.$/)
  })
})

describe('placementOf', () => {
  const node = (op_name: string, provider: string) => ({ cat: 'Node', args: { op_name, provider } })

  it('counts what the provider took, without copies between host and device', () => {
    const events = [
      { cat: 'Session', args: {} },
      node('Gemm', 'CUDAExecutionProvider'),
      node('MemcpyToHost', 'CUDAExecutionProvider'),
      node('QuantizeLinear', 'CPUExecutionProvider'),
      node('QuantizeLinear', 'CPUExecutionProvider'),
    ]
    expect(placementOf('cuda', JSON.stringify(events))).toEqual({
      taken: 1,
      all: 3,
      left: ['QuantizeLinear'],
    })
    expect(placementOf('webgpu', JSON.stringify(events)).taken).toBe(0)
  })
})

const title = runtime ? 'probeProvider' : 'probeProvider (SKIPPED: onnxruntime-node is not installed)'
describe.skipIf(!runtime)(title, () => {
  const model = buildDenseOnnx(recoilSpec(1))

  it('runs the network for real and sees where its operators ran', async () => {
    const probe = await probeProvider('cpu', model)
    expect(probe).toMatchObject({ available: true, placement: { left: [] } })
    expect(probe.available && probe.placement.taken).toBeGreaterThan(5)
  })

  it('says why a provider or a model cannot be run', async () => {
    expect(await probeProvider('nonsense', model)).toMatchObject({
      available: false,
      reason: 'this build of onnxruntime-node does not contain the provider nonsense',
    })
    expect(await probeProvider('cpu', Uint8Array.of(1, 2, 3))).toMatchObject({ available: false })
  })

  it('outlives a driver that ends the process, and leaves nothing of it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gemgate-crash-'))
    const crash = join(folder, 'crash.cjs')
    const temporary = join(folder, 'temporary')
    mkdirSync(temporary)
    // Dies while the folder for the profile is there.
    const dies = `const { readdirSync } = require('node:fs')
setInterval(() => readdirSync(${JSON.stringify(temporary)}).some((name) => /^gemgate-/.test(name)) && process.kill(process.pid, 'SIGKILL'), 1)`
    writeFileSync(crash, dies)
    vi.stubEnv('NODE_OPTIONS', `--require ${crash}`)
    vi.stubEnv('TMPDIR', temporary)
    try {
      expect(await probeProvider('cpu', model)).toMatchObject({
        available: false,
        reason: expect.stringContaining('SIGKILL'),
      })
      expect(readdirSync(temporary).filter((name) => name.startsWith('gemgate-'))).toEqual([])
    } finally {
      vi.unstubAllEnvs()
      await rm(folder, { recursive: true })
    }
  })

  it('never opens a session that would run on the CPU in the name of a GPU', async () => {
    for (const provider of ['webgpu', 'cuda'] as const) {
      const opened = openOnnxSession(model, { provider }).then(
        async (session) => {
          await session[Symbol.asyncDispose]()
          return session.placement!.taken
        },
        (error: unknown) => error,
      )
      const result = await opened
      // Where such a GPU is, it took operators; everywhere else there is a reason.
      if (typeof result === 'number') expect(result).toBeGreaterThan(0)
      else
        expect(result).toMatchObject({
          code: 'GG_DEVICE_UNAVAILABLE',
          message: expect.stringMatching(new RegExp(`^onnx:${provider} is not available: .{10,}`)),
        })
    }
  })
})
