import type { FloatRuns } from './float-runs.ts'
import type { FloatNetwork, FloatStep } from './float-step.ts'

/**
 * The mean input of every linear step over the calibration data: of each element for a matrix, of each
 * channel for a convolution.
 */
export function inputMeans(network: FloatNetwork, runs: FloatRuns): Map<FloatStep, Float64Array> {
  const means = new Map<FloatStep, Float64Array>()
  for (const step of network.steps)
    if (step.what.kind === 'linear')
      means.set(step, new Float64Array(network.shapes.get(step.inputs[0]!)![1] ?? 1))
  let count = 0
  for (const values of runs) {
    count++
    for (const [step, sums] of means) {
      const x = values.get(step.inputs[0]!)!
      const inner = x.length / sums.length
      for (let i = 0; i < x.length; i++) sums[Math.floor(i / inner)]! += x[i]! / inner
    }
  }
  for (const sums of means.values()) for (let i = 0; i < sums.length; i++) sums[i]! /= count
  return means
}
