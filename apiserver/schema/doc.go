// Package schema holds what the API server knows about the shape of objects: the scheme of served
// kinds, how request bodies are decoded and answers encoded, which representation a client asked for,
// who owns which field (server-side apply), the OpenAPI documents and the columns of tables.
//
// It comes between the route and the verb: apiserver/rest decodes a body here, hands the object to
// admission and registry, and encodes what they return.
//
// # Basics
//
//   - [Scheme] knows every served group-version; [Decode] turns a body into a typed object and reports
//     unknown and duplicate fields as a warning or an error; [EncodeJSON] and [Encode] go the other way.
//   - [Negotiate] reads an Accept header; [Table] and [PartialMetadata] are the two representations
//     other than the object itself.
//   - [FieldManagers] keeps metadata.managedFields.
//   - [OpenAPI] serves /openapi/v2 and /openapi/v3 from documents generated ahead of time.
//
// # Caveats
//
// There are no internal versions here: an object is always of the type that k8s.io/api declares for
// its group-version. Nothing in this package fills in defaults or validates values, and nothing reads
// a clock: whoever needs a time passes it in.
package schema
