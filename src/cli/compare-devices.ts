import type { ProbedDevice } from '../compare/result.ts'
import { GemgateError } from '../core/errors.ts'
import type { Device } from '../device/device.ts'
import { openDevice } from '../device/open-device.ts'
import type { FrameFailure } from '../frame/read-frames.ts'
import { gpuProviders } from '../network/onnx/execution-provider.ts'
import { loadOnnxRuntime } from '../network/onnx/onnx-session.ts'
import { probeProvider } from '../network/onnx/probe-provider.ts'
import { loadRecoilClassifier } from '../network/recoil-classifier.ts'
import type { Output } from './output.ts'

export interface ComparedDevices {
  readonly devices: readonly Device[]
  readonly probed: readonly ProbedDevice[]
}

/**
 * Opens the devices of a comparison, and tries every graphics processor whether it takes part or not.
 * @param list comma-separated addresses; without it everything that works here
 * @throws GemgateError GG_USAGE, GG_DEVICE_UNAVAILABLE and what opening a device throws
 */
export async function openDevices(
  list: string | undefined,
  model: string | undefined,
  output: Output,
): Promise<ComparedDevices> {
  const named = list?.split(',').map((address) => address.trim())
  if (named !== undefined && (new Set(named).size !== named.length || named.includes('')))
    throw new GemgateError(
      'GG_USAGE',
      `--devices ${list} names a device twice or not at all`,
      'Give different addresses, for example model:,sim:,onnx:cpu.',
    )
  const probed = await probeGraphics(model)
  const addresses = named ?? (await everything(probed, output))
  const devices: Device[] = []
  try {
    for (const address of addresses)
      devices.push(await openDevice(address, model === undefined ? {} : { model }))
  } catch (error) {
    for (const device of devices) await device[Symbol.asyncDispose]()
    throw error
  }
  return { devices, probed }
}

/**
 * Devices that hold answers for frames that never came: the comparison stands, but it is not the one that was meant.
 * Call after the last frame.
 */
export function unusedAnswers(devices: readonly Device[]): FrameFailure[] {
  return devices.flatMap((device) => {
    try {
      device.finish?.()
      return []
    } catch (error) {
      if (!(error instanceof GemgateError)) throw error
      const { file = device.info.address, code, message, remedy } = error
      return [{ file, code, message, remedy }]
    }
  })
}

/** Runs the network once on every graphics processor that ONNX Runtime could use. */
export async function probeGraphics(model?: string): Promise<ProbedDevice[]> {
  const { onnx } = await loadRecoilClassifier(model)
  return Promise.all(
    gpuProviders.map(async (provider) => {
      const probe = await probeProvider(provider, onnx)
      const { available } = probe
      return {
        address: `onnx:${provider}`,
        available,
        reason: available ? null : probe.reason,
        remedy: available ? null : probe.remedy,
      }
    }),
  )
}

/** Everything that is here: ONNX Runtime and graphics processors are optional. */
async function everything(probed: readonly ProbedDevice[], output: Output): Promise<string[]> {
  const runtime = await loadOnnxRuntime().then(
    () => true,
    () => false,
  )
  if (!runtime)
    output.text('onnx:cpu is left out: onnxruntime-node is not installed (gemgate doctor says more)')
  const graphics = probed.filter(({ available }) => available).map(({ address }) => address)
  return ['model:', 'sim:', ...(runtime ? ['onnx:cpu', ...graphics] : [])]
}
