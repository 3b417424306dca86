import { GemgateError } from '../../src/core/errors.ts'
import { Random } from '../../src/core/random.ts'
import { type ClassifierSettings, classifierName } from '../../src/explore/settings.ts'
import type { OpenStudy } from '../../src/explore/study.ts'
import { buildDenseOnnx } from '../../src/network/index.ts'

const shipped = { kind: 'mlp', hidden: [1], weightBits: 2, activationBits: 2 } as const

/** A study without training: random weights, and physics that grow with the file. */
export const openStudy: OpenStudy = () => ({
  classifierBasis: async () => ({ identity: 'toy', facts: { sample: 'none' } }),
  triggerBasis: () => ({ identity: 'toy', facts: { camera: 'none' } }),
  shipped: [
    {
      name: 'toy-model',
      onnx: network(shipped),
      settings: shipped,
      hardware: { architecture: 'unrolled', levels: 2 },
    },
  ],
  train: network,
  score(onnx) {
    const figure = { value: 1 - 100 / (100 + onnx.length), error: 0.01 }
    const bin = (lowKeVee: number, highKeVee: number) => {
      const range = { lowKeVee, highKeVee, nuclear: 100, electron: 100 }
      return { ...range, auc: figure, nrAt90: figure, nrAt99: figure }
    }
    return { parameters: onnx.length, bins: [bin(6, 10), bin(10, 20), bin(20, 40)] }
  },
  measureTrigger({ sigmaHigh, binning }) {
    // Long enough for an interruption to find it at work.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50)
    if (binning === 2) throw new GemgateError('GG_SETTINGS', 'too many macro-pixels', 'Use a binning of 4.')
    const at = (value: number) => ({ value: value * sigmaHigh, error: 0.01 })
    return { keVeeAt50: at(0.02), keVeeAt90: at(0.04), emptyFrames: 100, falseRegions: sigmaHigh < 6 ? 7 : 0 }
  },
})

function network(settings: ClassifierSettings): Uint8Array {
  if (settings.kind === 'trees')
    throw new GemgateError('GG_MODEL_UNSUPPORTED', 'no trees grow here', 'Take a network.')
  const { hidden, weightBits, activationBits } = settings
  const random = new Random(1).fork(classifierName(settings))
  const most = 2 ** (weightBits - 1) - 1
  const sizes = [9, ...hidden, 3]
  const layers = sizes.slice(1).map((outputs, l) => {
    const last = l === hidden.length
    return {
      inputs: sizes[l]!,
      outputs,
      weights: Int8Array.from({ length: sizes[l]! * outputs }, () => random.integer(2 * most + 1) - most),
      bias: new Int32Array(outputs),
      weightExponent: -5,
      outputExponent: -8,
      outputType: last ? ('int16' as const) : ('int8' as const),
      relu: !last,
      ...(last ? {} : { clip: [0, 2 ** activationBits - 1] as const }),
    }
  })
  return buildDenseOnnx({ name: 'toy', inputType: 'int8', inputExponent: -5, layers })
}
