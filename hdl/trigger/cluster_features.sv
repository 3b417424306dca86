// cluster_features: the nine int8 classifier inputs of a cluster, in the log2 domain, without dividers.
//
// Twin of clusterFeatures() in src/trigger/features.ts, which gives the formulae and the formats.
//   s_record   as m_record of clustering.sv
//   m_record   the same, m_features {occupancy, spread, peak, slimness, width, length, density, size, energy}
// One cluster at a time, about 110 clocks. One multiplier of 45 x 26 bits with a register behind it, one log2
// unit, a square root of one bit per clock.
`default_nettype none
module cluster_features (
    input  wire               clk,
    input  wire               rst,
    input  wire               s_valid,
    output wire               s_ready,
    input  wire       [422:0] s_record,
    output wire               m_valid,
    input  wire               m_ready,
    output logic      [422:0] m_record,
    output logic      [ 71:0] m_features
);
  localparam logic [5:0] IDLE = 0, X0W = 1, Y0W = 2, X0X = 3, Y0Y = 4, X0Y = 5, Y0X = 6, SHIFT = 7, AXX = 8,
      AX2 = 9, AYY = 10, AY2 = 11, AXY = 12, AXAY = 13, A02 = 14, PIXEL = 15, CLAMP = 16, NORMALISE = 17,
      D2 = 18, C2 = 19, ROOT = 20, LOG_SUM = 21, LOG_SIZE = 22, LOG_A0 = 23, LOG_LONG = 24, LOG_WIDE = 25,
      LOG_PEAK = 26, LOG_BOX_X = 27, LOG_BOX_Y = 28, QUANTIZE = 29, DONE = 30;
  logic [5:0] state;
  assign s_ready = state == IDLE;
  assign m_valid = state == DONE;

  wire [9:0] x0 = m_record[422:413], y0 = m_record[412:403], x1 = m_record[402:393], y1 = m_record[392:383];
  wire [20:0] pixels = m_record[382:362];
  wire [37:0] sum = m_record[361:324];
  wire [17:0] brightest = m_record[298:281];
  wire [33:0] w = m_record[280:247];
  wire [43:0] wx = m_record[246:203], wy = m_record[202:159];
  wire [52:0] wxx = m_record[158:106], wxy = m_record[105:53], wyy = m_record[52:0];

  // Moments about the corner of the bounding box; then shifted until the sum of weights has 16 bits.
  logic [33:0] a0;
  logic [43:0] ax, ay;
  logic [52:0] axx, ayy;
  logic signed [53:0] axy;
  // Twice-weighted (co)variances, later shifted to 16 bits.
  logic signed [53:0] vx, vy, cxy;
  logic [32:0] square;  // a0^2 / 12
  logic [5:0] j;
  wire wide = |a0[33:16];
  wire tall = |vx[52:16] | |vy[52:16];

  // --- the shared multiplier
  logic [44:0] factor_a;
  logic [25:0] factor_b;
  logic [61:0] product;
  wire signed [17:0] difference = $signed({2'b0, vx[15:0]}) - $signed({2'b0, vy[15:0]});
  wire [16:0] distance = difference[17] ? -difference[16:0] : difference[16:0];
  wire signed [53:0] c_limited =
      cxy > 54'sd131071 ? 54'sd131071 : cxy < -54'sd131071 ? -54'sd131071 : cxy;
  wire [16:0] c_size = c_limited[17] ? -c_limited[16:0] : c_limited[16:0];
  always_comb
    case (state)
      X0W: {factor_a, factor_b} = {11'b0, w, 16'b0, x0};
      Y0W: {factor_a, factor_b} = {11'b0, w, 16'b0, y0};
      X0X: {factor_a, factor_b} = {{1'b0, wx} + {1'b0, ax}, 16'b0, x0};
      Y0Y: {factor_a, factor_b} = {{1'b0, wy} + {1'b0, ay}, 16'b0, y0};
      X0Y: {factor_a, factor_b} = {1'b0, wy, 16'b0, x0};
      Y0X: {factor_a, factor_b} = {1'b0, ax, 16'b0, y0};
      AXX: {factor_a, factor_b} = {axx[44:0], 10'b0, a0[15:0]};
      AX2: {factor_a, factor_b} = {19'b0, ax[25:0], ax[25:0]};
      AYY: {factor_a, factor_b} = {ayy[44:0], 10'b0, a0[15:0]};
      AY2: {factor_a, factor_b} = {19'b0, ay[25:0], ay[25:0]};
      AXY: {factor_a, factor_b} = {axy[44:0], 10'b0, a0[15:0]};
      AXAY: {factor_a, factor_b} = {19'b0, ax[25:0], ay[25:0]};
      A02: {factor_a, factor_b} = {29'b0, a0[15:0], 10'b0, a0[15:0]};
      PIXEL: {factor_a, factor_b} = {12'b0, square, 26'd5461};
      D2: {factor_a, factor_b} = {28'b0, distance, 9'b0, distance};
      default: {factor_a, factor_b} = {28'b0, c_size, 9'b0, c_size};
    endcase

  // --- integer square root of (p - q)^2 + 4 c^2, two bits of the radicand per clock
  logic [37:0] radicand;
  logic [18:0] root;
  logic [21:0] rest;
  logic [4:0] bits;
  wire [21:0] next_rest = {rest[19:0], radicand[37:36]};
  wire [21:0] trial = {1'b0, root, 2'b01};
  wire fits = next_rest >= trial;
  wire unused = &{1'b0, product[61:54], c_limited[53:18], rest[21:20]};

  // --- the shared logarithm
  logic [52:0] log_input;
  wire [13:0] log_output;
  log2 log2_i (.value(log_input), .result(log_output));
  wire [19:0] trace = {4'b0, vx[15:0]} + {4'b0, vy[15:0]};
  wire [10:0] box_x = {1'b0, x1} - {1'b0, x0} + 11'd1;
  wire [10:0] box_y = {1'b0, y1} - {1'b0, y0} + 11'd1;
  always_comb
    case (state)
      LOG_SUM: log_input = sum[37] ? 53'd0 : {15'b0, sum};
      LOG_SIZE: log_input = {32'b0, pixels};
      LOG_A0: log_input = {37'b0, a0[15:0]};
      LOG_LONG: log_input = {33'b0, trace + {1'b0, root}};
      LOG_WIDE: log_input = trace > {1'b0, root} ? {33'b0, trace - {1'b0, root}} : 53'd0;
      LOG_PEAK: log_input = brightest[17] ? 53'd0 : {35'b0, brightest};
      LOG_BOX_X: log_input = {42'b0, box_x};
      default: log_input = {42'b0, box_y};
    endcase
  logic [13:0] log_sum, log_size, log_a0, log_long, log_wide, log_peak, log_box;
  wire signed [17:0] scale = $signed({4'b0, j, 8'b0}) - 18'sd256 - $signed({3'b0, log_a0, 1'b0});
  wire signed [17:0] length = $signed({4'b0, log_long}) + scale;
  wire signed [17:0] width = $signed({4'b0, log_wide}) + scale;

  // (value - centre + half) >> drop, saturated to int8
  function automatic [7:0] int8(input signed [17:0] value);
    int8 = value > 18'sd127 ? 8'h7F : value < -18'sd128 ? 8'h80 : value[7:0];
  endfunction
  wire signed [17:0] f_sum = $signed({4'b0, log_sum});
  wire signed [17:0] f_size = $signed({4'b0, log_size});
  wire signed [17:0] f_peak = $signed({4'b0, log_peak});
  wire signed [17:0] f_box = $signed({4'b0, log_box});

  wire awake = rst | s_valid | state != IDLE;
  // A state that multiplies lasts two clocks: in the second one its product stands in the register.
  logic settled;
  wire multiplies = (state >= X0W && state <= Y0X) || (state >= AXX && state <= PIXEL) || state == D2 || state == C2;
  wire hold = multiplies & ~settled;
  always_ff @(posedge clk)
    if (awake) begin
      settled <= hold & ~rst;
      product <= factor_a * factor_b;
    end

  always_ff @(posedge clk)
    if (!awake) begin
    end else if (rst) state <= IDLE;
    else if (!hold)
      case (state)
        IDLE: if (s_valid) state <= X0W;
        SHIFT: if (!wide) state <= AXX;
        NORMALISE: if (!tall) state <= D2;
        ROOT: if (bits == 5'd18) state <= LOG_SUM;
        DONE: if (m_ready) state <= IDLE;
        default: state <= state + 6'd1;
      endcase

  always_ff @(posedge clk)
    if (awake & ~hold)
    case (state)
      IDLE: if (s_valid) m_record <= s_record;
      X0W: ax <= wx - product[43:0];
      Y0W: ay <= wy - product[43:0];
      X0X: axx <= wxx - product[52:0];
      Y0Y: ayy <= wyy - product[52:0];
      X0Y: axy <= $signed({1'b0, wxy}) - $signed(product[53:0]);
      Y0X: begin
        axy <= axy - $signed(product[53:0]);
        a0  <= w;
      end
      SHIFT:
      if (wide) begin
        a0  <= a0 >> 1;
        ax  <= ax >> 1;
        ay  <= ay >> 1;
        axx <= axx >> 1;
        ayy <= ayy >> 1;
        axy <= axy >>> 1;
      end
      AXX: vx <= product[53:0];
      AX2: vx <= vx - $signed(product[53:0]);
      AYY: vy <= product[53:0];
      AY2: vy <= vy - $signed(product[53:0]);
      AXY: cxy <= product[53:0];
      AXAY: cxy <= cxy - $signed(product[53:0]);
      A02: square <= product[32:0];
      PIXEL: square <= product[48:16];
      CLAMP: begin
        vx <= (vx[53] ? 54'sd0 : vx) + $signed({21'b0, square});
        vy <= (vy[53] ? 54'sd0 : vy) + $signed({21'b0, square});
        j  <= 6'd0;
      end
      NORMALISE:
      if (tall) begin
        vx  <= vx >>> 1;
        vy  <= vy >>> 1;
        cxy <= cxy >>> 1;
        j   <= j + 6'd1;
      end
      D2: radicand <= product[37:0];
      C2: begin
        radicand <= radicand + {product[35:0], 2'b0};
        root <= '0;
        rest <= '0;
        bits <= '0;
      end
      ROOT: begin
        radicand <= {radicand[35:0], 2'b0};
        rest <= fits ? next_rest - trial : next_rest;
        root <= {root[17:0], fits};
        bits <= bits + 5'd1;
      end
      LOG_SUM: log_sum <= log_output;
      LOG_SIZE: log_size <= log_output;
      LOG_A0: log_a0 <= log_output;
      LOG_LONG: log_long <= log_output;
      LOG_WIDE: log_wide <= log_output;
      LOG_PEAK: log_peak <= log_output;
      LOG_BOX_X: log_box <= log_output;
      LOG_BOX_Y: log_box <= log_box + log_output;
      QUANTIZE:
      m_features <= {
        int8((f_size - f_box + 18'sd384 + 18'sd2) >>> 2),
        int8((f_sum - f_peak - 18'sd1024 + 18'sd4) >>> 3),
        int8((f_peak - 18'sd2304 + 18'sd4) >>> 3),
        int8((width - length + 18'sd1024 + 18'sd4) >>> 3),
        int8((width - 18'sd256 + 18'sd4) >>> 3),
        int8((length - 18'sd1024 + 18'sd8) >>> 4),
        int8((f_sum - f_size - 18'sd2304 + 18'sd4) >>> 3),
        int8((f_size - 18'sd1536 + 18'sd8) >>> 4),
        int8((f_sum - 18'sd3584 + 18'sd8) >>> 4)
      };
      default: ;
    endcase
endmodule
`default_nettype wire
