// The one unit that compiles Beast itself; all others use only its declarations.
#include <boost/beast/src.hpp>
