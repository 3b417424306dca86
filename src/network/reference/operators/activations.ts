import type { Operator } from '../operator-call.ts'
import { combineElements, mapElements } from './broadcast.ts'

/** 1 / (1 + e^-x) without overflow. */
export function logistic(x: number): number {
  return x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x))
}

const leakyRelu: Operator = (call) => {
  const slope = Math.fround(call.number('alpha', 0.01))
  return [mapElements(call, call.float(0), (x) => (x < 0 ? slope * x : x))]
}

const hardSigmoid: Operator = (call) => {
  const slope = Math.fround(call.number('alpha', 0.2))
  const offset = Math.fround(call.number('beta', 0.5))
  return [mapElements(call, call.float(0), (x) => Math.max(0, Math.min(1, slope * x + offset)))]
}

const elu: Operator = (call) => {
  const slope = Math.fround(call.number('alpha', 1))
  return [mapElements(call, call.float(0), (x) => (x < 0 ? slope * Math.expm1(x) : x))]
}

const prelu: Operator = (call) => {
  const x = call.float(0)
  const result = combineElements(call, x, call.float(1), (value, slope) =>
    value < 0 ? slope * value : value,
  )
  if (result.dims.join() !== x.dims.join())
    throw call.malformed('its slopes have a larger shape than the data')
  return [result]
}

/** Functions of one number between layers. */
export const activations: Readonly<Record<string, Operator>> = {
  Relu: (call) => [mapElements(call, call.input(0), (x) => Math.max(0, x))],
  LeakyRelu: leakyRelu,
  PRelu: prelu,
  Elu: elu,
  HardSigmoid: hardSigmoid,
  HardSwish: (call) => [mapElements(call, call.float(0), (x) => x * Math.max(0, Math.min(1, x / 6 + 0.5)))],
  Sigmoid: (call) => [mapElements(call, call.float(0), logistic)],
  Tanh: (call) => [mapElements(call, call.float(0), Math.tanh)],
  Softplus: (call) => [
    mapElements(call, call.float(0), (x) => Math.max(0, x) + Math.log1p(Math.exp(-Math.abs(x)))),
  ],
}
