/**
 * The network on the features, layer after layer by its table; scores and winner to the packet. Products of a weight (int8)
 * and an input fit in 16 bits, sums in 32.
 */
export const networkProgram = `
network:
    lda #features
    sta target
    lpa network.table
    ldp %a
layer:
    lda target
    sta source
    lpm
    jz scores.ready
    sta outputs
    lpm
    sta pairs
    lpm
    sta target
    sta best                  ; where the next output goes
    lpm
    sta round
    lpm
    sta least
    lpm
    sta least+1
    lpm
    sta most
layer.output:
    lpm                       ; bias, and half of what rounds to 1
    sta total
    lpm
    sta total+1
    ldq source
    ldn pairs
layer.pair:
    lpm                       ; two weights + 128
    clh
    mul ^1
    sta t
    lda %h
    call multiply.weight
    lda t
    clh
    mul ^1
    lda %h
    call multiply.weight
    djnz layer.pair

    lda round
    jz rounded
    ldn %a
    lda #0
    sta sticky
round.bit:
    asr total+1
    sta total+1
    ror total
    sta total
    lda sticky
    adc #0
    sta sticky
    djnz round.bit
    lda sticky
    jnz rounded
    lda total                 ; a tie goes to the even neighbour
    and #-2
    sta total
rounded:
    lda total
    sub most
    lda total+1
    sbc #0
    jp above
    lda total
    sub least
    lda total+1
    sbc least+1
    jn below
    lda total
    jmp store.output
above:
    lda most
    jmp store.output
below:
    lda least
store.output:
    ldq best
    sta [q]
    lda best
    add #1
    sta best
    lda outputs
    sub #1
    sta outputs
    jnz layer.output
    jmp layer

multiply.weight:
    add #-128
    clh
    mul [q]+1
    sta t+1
    add total
    sta total
    lda t+1
    jn negative.product
    lda total+1
    adc #0
    sta total+1
    ret
negative.product:
    lda total+1
    adc #-1
    sta total+1
    ret

scores.ready:
    ldp source
    out [p]
    out [p+1]
    out [p+2]
    lda #0
    sta best
    lda [p]                   ; the highest one, without its sign
    add ^128
    sta t
    lda [p+1]
    add ^128
    sta t+1
    lda t
    sub t+1
    jc first.stays
    lda t+1
    sta t
    lda #1
    sta best
first.stays:
    lda [p+2]
    add ^128
    sta t+1
    lda t
    sub t+1
    jc winner.known
    lda #2
    sta best
winner.known:
    out best
    jmp release

network.table:
    table network.table
`
