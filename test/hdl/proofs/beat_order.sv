// beat_order: follows any one beat through a FIFO: nothing lost, doubled, changed or out of order.
//
// `pick` marks the beat that goes in, if none is marked. `held` beats are inside, `ahead` of them before the marked one,
// which is `value`. A harness adds where in the FIFO that beat is: induction needs it.
`default_nettype none
module beat_order #(
    parameter int WIDTH = 8,
    parameter int COUNT_BITS = 4
) (
    input  wire                   clk,
    input  wire                   rst,
    input  wire                   first,  // the first cycle, in which rst is high
    input  wire                   pick,
    input  wire                   put,
    input  wire  [     WIDTH-1:0] put_data,
    input  wire                   get,
    input  wire  [     WIDTH-1:0] get_data,
    output logic [COUNT_BITS-1:0] held,
    output logic [COUNT_BITS-1:0] ahead,
    output logic                  marked,
    output logic [     WIDTH-1:0] value
);
  always_ff @(posedge clk)
    if (rst) begin
      held <= '0;
      marked <= 1'b0;
    end else begin
      held <= held + COUNT_BITS'(put) - COUNT_BITS'(get);
      if (!marked & put & pick) begin
        marked <= 1'b1;
        value <= put_data;
        ahead <= held - COUNT_BITS'(get);
      end else if (marked & get) begin
        ahead  <= ahead - COUNT_BITS'(1);
        marked <= ahead != '0;
      end
    end

  always_comb
    if (!first) begin
      if (get) nothing_doubled : assert (held != '0);
      if (get & marked & ahead == '0) in_order : assert (get_data == value);
      if (marked) nothing_lost : assert (ahead < held);
    end
endmodule
`default_nettype wire
