import { GemgateError } from '../../core/errors.ts'

/** ONNX Runtime's execution providers that gemgate opens. */
export type ExecutionProvider = 'cpu' | 'webgpu' | 'cuda'

/** The providers that compute on a graphics processor. */
export const gpuProviders = ['webgpu', 'cuda'] as const satisfies readonly ExecutionProvider[]

/** How many operators of a network a provider took; the others run on the CPU. */
export interface Placement {
  readonly taken: number
  readonly all: number
  /** Operator types that the provider left to the CPU. */
  readonly left: readonly string[]
}

/** What became of the attempt to run a network on a provider. */
export type ProviderProbe =
  | { readonly available: true; readonly placement: Placement }
  | { readonly available: false; readonly reason: string; readonly remedy: string }

/** Answer of the process that tries a provider. */
export interface ProviderTrial {
  /** ONNX Runtime's profile of one evaluation, a JSON text; absent when it failed. */
  readonly profile?: string
  readonly error?: string
}

/** Copies between host and device are the runtime's own, no operators of the network. */
const copies = /^Memcpy/

/**
 * Where the operators of a profiled evaluation ran. ONNX Runtime hands whatever a provider does not take to
 * its CPU provider without a word; its profile names the provider of every operator.
 * @param profile ONNX Runtime's profile, a JSON text
 * @throws SyntaxError or TypeError when it is no profile
 */
export function placementOf(provider: string, profile: string): Placement {
  const operators = (JSON.parse(profile) as { cat: string; args?: Record<string, unknown> }[])
    .filter((event) => event.cat === 'Node' && event.args?.['provider'] !== undefined)
    .map(({ args }) => ({ name: String(args!['op_name']), provider: String(args!['provider']) }))
    .filter(({ name }) => !copies.test(name))
  const own = `${provider}executionprovider`
  const left = operators.filter((operator) => operator.provider.toLowerCase() !== own)
  return {
    taken: operators.length - left.length,
    all: operators.length,
    left: [...new Set(left.map(({ name }) => name))].sort(),
  }
}

/** What the messages of ONNX Runtime and the loader mean, most specific first; `$1` is a captured name. */
const meanings: readonly (readonly [pattern: RegExp, reason: string, remedy: string])[] = [
  [
    /Cannot find (?:package|module)|ERR_MODULE_NOT_FOUND/,
    'onnxruntime-node is not installed',
    'Install it: ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node@1.30.0.',
  ],
  [
    /\[(\w+)\] backend not found/,
    'this build of onnxruntime-node does not contain the provider $1',
    'Use a platform for which it does, or another provider.',
  ],
  [
    /\/?(libonnxruntime_providers_\w+\.so|onnxruntime_providers_\w+\.dll)[^:\n]*: cannot open shared object/,
    'the provider is not in this installation of onnxruntime-node ($1 is missing)',
    'Linux x64 with an NVIDIA GPU and CUDA 12: ONNXRUNTIME_NODE_INSTALL=cuda12 node node_modules/onnxruntime-node/script/install.js downloads it.',
  ],
  [
    /libcuda\.so\S*: cannot open shared object/,
    'there is no NVIDIA driver (libcuda.so.1 is missing)',
    'Install the NVIDIA driver; in a container start it with access to the GPU.',
  ],
  [
    /libvulkan\.so\S*: cannot open shared object/,
    'there is no Vulkan loader (libvulkan.so.1 is missing)',
    'Install it (Debian: apt-get install libvulkan1) and the Vulkan driver of the GPU.',
  ],
  [
    /(?:with error: |: )(lib[\w.+-]+\.so[\w.]*): cannot open shared object/,
    'a library that the provider needs is missing: $1',
    'Install it, or add its folder to LD_LIBRARY_PATH.',
  ],
  [
    /Failed to get a WebGPU adapter(?:: ([^\n]*))?/,
    'WebGPU found no graphics adapter ($1)',
    'It needs a GPU with a Vulkan, Metal or Direct3D 12 driver that this process may use.',
  ],
  [
    /no CUDA-capable device|CUDA failure 100\b/,
    'CUDA found no NVIDIA GPU',
    'Check with nvidia-smi that this process may use one.',
  ],
]

/** Why a provider cannot be used, from all that was said when it was tried, and what to do. */
export function explainFailure(text: string): { readonly reason: string; readonly remedy: string } {
  for (const [pattern, reason, remedy] of meanings) {
    const match = pattern.exec(text)
    if (match !== null) return { reason: reason.replace('$1', match[1]?.trim() ?? 'unknown'), remedy }
  }
  const line = text.split('\n').find((one) => one.trim() !== '')
  return {
    reason: line?.trim().slice(0, 400) ?? 'it failed without a message',
    remedy: 'Check the driver of the GPU; onnx:cpu works without one.',
  }
}

/** The typed error for a provider that cannot be used. */
export function providerUnavailable(provider: string, reason: string, remedy: string): GemgateError {
  return new GemgateError('GG_DEVICE_UNAVAILABLE', `onnx:${provider} is not available: ${reason}`, remedy)
}
