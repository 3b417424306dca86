// pair_adder: takes one item of each of two streams and gives their sum to one and their difference to the other.
`default_nettype none
module pair_adder (
    input  wire               clk,
    input  wire               a_valid,
    output wire               a_ready,
    input  wire  signed [7:0] a_data,
    input  wire               b_valid,
    output wire               b_ready,
    input  wire        [71:0] b_data,
    output wire               sum_valid,
    input  wire               sum_ready,
    output wire        [71:0] sum_data,
    output logic              less_valid,
    input  wire               less_ready,
    output logic signed [8:0] less_data
);
  wire go = a_valid & b_valid & sum_ready & (~less_valid | less_ready);

  assign a_ready   = go;
  assign b_ready   = go;
  assign sum_valid = a_valid & b_valid & (~less_valid | less_ready);
  assign sum_data  = b_data + {{64{a_data[7]}}, a_data};

  initial less_valid = 0;
  always_ff @(posedge clk) begin
    if (less_ready) less_valid <= 1'b0;
    if (go) begin
      less_valid <= 1'b1;
      less_data  <= 9'(a_data) - 9'sd3;
    end
  end
endmodule
`default_nettype wire
