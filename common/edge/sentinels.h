#ifndef XXT_COMMON_EDGE_SENTINELS_H_
#define XXT_COMMON_EDGE_SENTINELS_H_

// A switch over an enum of a proto has a case for each of its values and no
// `default:`, so that the compiler names the switches that lack one which is
// added (-Wswitch). What a newer version sends is in none of the cases: it is
// dealt with after the switch. protoc adds two values to each enum that nothing
// ever has; this stands for both:
//   case XXT_SENTINELS(v1::Contact_Result_Contact_Result):
#define XXT_SENTINELS(Enum) Enum##_INT_MIN_SENTINEL_DO_NOT_USE_ : case Enum##_INT_MAX_SENTINEL_DO_NOT_USE_

#endif  // XXT_COMMON_EDGE_SENTINELS_H_
