// parallel_layer: a layer of a network with one multiplier per neuron; the inputs follow one another.
`default_nettype none
module parallel_layer #(parameter int NI = 64, parameter int NO = 32, parameter int SEED = 1) (
  input  wire clk, rst,
  input  wire start,                        // ibuf holds a full vector
  input  wire [NI*8-1:0] ivec,
  output reg done,
  output reg [NO*8-1:0] ovec,
  output reg [NO*24-1:0] raw
);
  reg [NO*8-1:0] rom [0:127];
  localparam logic [255:0] COLUMNS = 256'hA3F1_5C07_9E26_D84B_137A_E0C5_6B92_F43D_28D7_81BE_4F60_3AC9_75E4_0D1B_96A2_C853;
  initial for (int i = 0; i < 128; i++) rom[i] = (NO * 8)'({8{32'((i + SEED) * 32'd2654435761)}} ^ COLUMNS);
  reg [NI*8-1:0] sh;
  reg [6:0] cnt; reg run, mv, mfirst, mlast, mdone;
  reg [NO*8-1:0] w_q; reg signed [7:0] x_q;
  always_ff @(posedge clk) begin
    w_q <= rom[cnt];
    x_q <= (cnt == NI) ? 8'sd64 : $signed(sh[7:0]);
    mv <= run & ~rst; mfirst <= run & (cnt == 0); mlast <= run & (cnt == NI); mdone <= mlast;
    done <= mdone & ~rst;
    if (rst) begin run <= 0; cnt <= 0; end
    else if (!run) begin
      if (start) begin run <= 1; cnt <= 0; sh <= ivec; end
    end else begin
      sh <= {8'd0, sh[NI*8-1:8]};
      if (cnt == NI) run <= 0; else cnt <= cnt + 7'd1;
    end
  end
  genvar i;
  generate for (i = 0; i < NO; i = i + 1) begin : n
    reg signed [23:0] acc;
    wire signed [7:0] w = w_q[i*8 +: 8];
    wire signed [23:0] sh6 = acc >>> 6;
    always_ff @(posedge clk) begin
      if (mv) acc <= (mfirst ? 24'sd0 : acc) + w * x_q;
      if (mdone) begin
        raw[i*24 +: 24] <= acc;
        ovec[i*8 +: 8] <= acc < 0 ? 8'd0 : (sh6 > 127) ? 8'd127 : sh6[7:0];
      end
    end
  end endgenerate
endmodule
`default_nettype wire
