/** The end of a row: labels become roots, clusters without a run in this row end, a row of blocks is finished. */
export const rowProgram = `
row.end:
    lda merged
    jz relabelled
    lda #0
    sta merged
    lda #half
    add %a
relabel:
    sta t
    ldp %a
    lda [p]
    and #-4
    jz relabel.next
    ldp %a
    call find.root
    lda %p
    sta label
    ldp t
    lda [p]
    and #3
    or label
    sta [p]
relabel.next:
    lda t
    add #1
    sub column
    jz relabelled
    add column
    jmp relabel
relabelled:

    lda used
    jz scanned
    sta remaining
    lda %records
scan:
    sta label
    ldp %a
    lda [p+state]
    and #1
    jz scan.next
    lda remaining
    sub #1
    sta remaining
    lda [p+state]
    and #-4
    sub label
    jnz release
    lda last
    and #2
    jnz finished
    lda [p+state]
    and #2
    jz finished
    lda label
    or #1
    sta [p+state]
    jmp scan.next
finished:
    lda [p+peak]
    sub high
    lda [p+peak+1]
    sbc high+1
    jn reject
    lda [p+pixels]
    sub minimum
    lda [p+pixels+1]
    sbc #0
    jp report
reject:
    ldp #rejected
    call count.up
release:
    ldp label
    lda #0
    sta [p+state]
    ldq tail
    lda label
    sta [q+state]
    sta tail
    lda used
    sub #1
    sta used
scan.next:
    lda remaining
    jz scanned
    lda label
    add #stride
    jmp scan
scanned:

    lda column                ; words of a row of blocks: two for every 128 columns
    sub #half
    sub #half+1
    clh
    mul ^2
    lda %h
    add #1
    add %a
    sta limbs
    lda y
    and #3
    sub #3
    jz blocks.over
    lda last
    and #2
    jz next.row
blocks.over:
    lda lit
    jz clear.map
    ldp map
    asr y
    asr %a
    sta [p]
    lda map
    add #1
    add limbs
    sta map
clear.map:
    call clear.blocks
next.row:
    lda y
    add #1
    sta y
    lda #half
    add %a
    sta column
    lda #0
    sta before
    sta span
    lda last
    and #2
    jz macro.pixel
    jmp trailer
`
