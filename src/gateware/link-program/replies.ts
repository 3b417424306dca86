/** Counters of the reply to STAT, in its order. */
export const statistics = ['frames', 'crcErrors', 'framingErrors', 'duplicates', 'refused', 'retransmitted']

/** Words of the reply to HELLO, in its order. */
export const helloReply = [
  ...['nonceLow', 'nonceHigh', 'version', 'limit', 'registers', 'slots', 'schemaLow', 'schemaHigh'],
  ...['build0', 'build1', 'build2', 'build3', 'clockLow', 'clockHigh', 'zero', 'zero'],
]

/** Words of the reply to STAT, in its order. The stream's source waits, so that nothing is ever dropped. */
export const statisticsReply = [...statistics, 'zero', 'sessions']
