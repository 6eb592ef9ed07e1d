package awk

// rule is a pattern and what to do for the records that match it.
type rule struct {
	begin, end bool
	from, to   expr // to: a range
	body       []stmt
	printAll   bool // there is no body
	inRange    bool
}

// expr is one of the types below.
type expr interface{}

type (
	number  struct{ v float64 }
	text    struct{ v string }
	regex   struct{ source string } // matched against the record where it stands alone
	name    struct{ v string }
	field   struct{ of expr }
	element struct {
		array string
		index []expr
	}
	member struct { // (index) in array
		index []expr
		array string
	}
	unary struct {
		op string
		of expr
	}
	binary struct {
		op   string
		a, b expr
	}
	ternary struct{ cond, yes, no expr }
	assign  struct {
		op string // "=", "+=" …
		to expr
		of expr
	}
	step struct { // ++ and --
		by    float64
		after bool // the old value is what it comes to
		to    expr
	}
	call struct {
		name string
		args []expr
	}
	group struct{ of expr } // in parentheses
)

// stmt is one of the types below.
type stmt interface{}

type (
	exprStmt  struct{ e expr }
	printStmt struct {
		format bool // printf
		args   []expr
		to     expr // a file's name
		append bool
	}
	ifStmt struct {
		cond    expr
		yes, no []stmt
	}
	loopStmt struct { // while, for and do
		init  stmt
		cond  expr
		next  stmt
		body  []stmt
		first bool // the body comes before the condition
	}
	eachStmt struct {
		key, array string
		body       []stmt
	}
	jumpStmt struct { // next, exit, break, continue
		what string
		code expr
	}
	deleteStmt struct {
		array string
		index []expr // none: the whole array
	}
)
