import type { IntegerGraph } from '../graph/integer-graph.ts'
import { shareCommonValues } from './common-values.ts'
import { foldConstantValues } from './constant-values.ts'
import { removeDeadValues } from './dead-values.ts'
import { foldIntoMatrix } from './fold-into-matrix.ts'
import { fuseMaps } from './fuse-maps.ts'

/** The same function with fewer operations; every back end starts from this. */
export function simplifyGraph(graph: IntegerGraph): IntegerGraph {
  let simplified = foldConstantValues(graph)
  let before: number
  do {
    before = simplified.values.length
    simplified = removeDeadValues(shareCommonValues(foldIntoMatrix(fuseMaps(simplified))))
  } while (simplified.values.length < before)
  return simplified
}
