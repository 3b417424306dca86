import type { AdderGraph } from './adder-graph.ts'
import type { ConstantMatrix } from './matrix.ts'

/** Every value of the graph (inputs, then nodes) as its exact linear form over the inputs. */
export function linearForms(graph: AdderGraph): Float64Array[] {
  const forms = Array.from({ length: graph.inputs }, (_, i) => {
    const form = new Float64Array(graph.inputs)
    form[i] = 1
    return form
  })
  for (const { a, b, shiftA, shiftB, subtract } of graph.nodes) {
    const left = forms[a]!
    const right = forms[b]!
    const factorA = (subtract === 'a' ? -1 : 1) * 2 ** shiftA
    const factorB = (subtract === 'b' ? -1 : 1) * 2 ** shiftB
    const form = new Float64Array(graph.inputs)
    for (let i = 0; i < form.length; i++) form[i] = factorA * left[i]! + factorB * right[i]!
    forms.push(form)
  }
  return forms
}

/** The matrix that the graph computes, exactly: equality with the wanted one is proof, not a test on samples. */
export function coefficients(graph: AdderGraph): ConstantMatrix {
  const forms = linearForms(graph)
  const columns = graph.outputs.length
  const values = new Float64Array(graph.inputs * columns)
  graph.outputs.forEach(({ value, shift, negate }, j) => {
    if (value < 0) return
    const factor = (negate ? -1 : 1) * 2 ** shift
    for (let i = 0; i < graph.inputs; i++) values[i * columns + j] = factor * forms[value]![i]! || 0
  })
  return { rows: graph.inputs, columns, values }
}

/** Whether the graph computes exactly this matrix. */
export function computes(graph: AdderGraph, matrix: ConstantMatrix): boolean {
  const own = coefficients(graph)
  if (own.rows !== matrix.rows || own.columns !== matrix.columns) return false
  for (let at = 0; at < own.values.length; at++) if (own.values[at] !== matrix.values[at]) return false
  return true
}
